#include "journeykit/events/detail_interner.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "journeykit/base/error.hpp"

namespace journeykit::events {
namespace {

// A hint to the processor; nothing depends on it.
inline void prefetch([[maybe_unused]] const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#endif
}

std::uint64_t load(const char* from, std::size_t bytes) {
  std::uint64_t out = 0;
  std::memcpy(&out, from, bytes);
  return out;
}

}  // namespace

std::uint64_t Interner::hash(std::string_view text) const {
  std::uint64_t h = seed_ ^ text.size();
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left > 8; left -= 8, at += 8) h = base::mix(h ^ load(at, 8));
  return left == 0 ? base::mix(h) : base::mix(h ^ load(at, left));
}

std::size_t Interner::place(std::string_view text, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.code == kNone || (slot.mark == hash >> 32U && values_[slot.code] == text)) return at;
  }
}

std::uint32_t Interner::append(std::string text, std::uint64_t hash, std::size_t slot) {
  const auto code = static_cast<std::uint32_t>(values_.size());
  values_.push_back(std::move(text));
  hashes_.push_back(hash);
  slots_[slot] = {static_cast<std::uint32_t>(hash >> 32U), code};
  if (values_.size() * 2 > slots_.size()) grow();
  return code;
}

std::uint32_t Interner::code(std::string_view text, std::uint64_t hash, const std::string& column) {
  const std::size_t slot = place(text, hash);
  if (slots_[slot].code != kNone) return slots_[slot].code;
  if (!base::valid_utf8(text)) {
    throw base::InvalidInput("column " + base::quote_safe(column) + " has text that is not UTF-8: " +
                             base::quote_safe(text) + "; re-read the source with its encoding");
  }
  return append(std::string(text), hash, slot);
}

void Interner::codes(std::span<const std::string_view> texts, std::uint32_t* out, const std::string& column) {
  constexpr std::size_t at_once = 32;
  std::array<std::uint64_t, at_once> hashes{};
  for (std::size_t begin = 0; begin < texts.size(); begin += at_once) {
    const std::size_t n = std::min(at_once, texts.size() - begin);
    for (std::size_t k = 0; k < n; ++k) {
      hashes[k] = hash(texts[begin + k]);
      prefetch(&slots_[hashes[k] & (slots_.size() - 1)]);
    }
    for (std::size_t k = 0; k < n; ++k) {
      const Slot& slot = slots_[hashes[k] & (slots_.size() - 1)];
      if (slot.code != kNone) prefetch(&values_[slot.code]);
    }
    for (std::size_t k = 0; k < n; ++k) out[begin + k] = code(texts[begin + k], hashes[k], column);
  }
}

std::vector<std::uint32_t> Interner::absorb(Interner&& other) {
  std::vector<std::uint32_t> out;
  out.reserve(other.values_.size());
  for (std::string& text : other.values_) {
    const std::uint64_t h = hash(text);
    const std::size_t slot = place(text, h);
    out.push_back(slots_[slot].code != kNone ? slots_[slot].code : append(std::move(text), h, slot));
  }
  other = Interner();
  return out;
}

void Interner::grow() {
  slots_.assign(slots_.size() * 2, {});
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t code = 0; code < hashes_.size(); ++code) {
    std::size_t at = hashes_[code] & mask;
    while (slots_[at].code != kNone) at = (at + 1) & mask;
    slots_[at] = {static_cast<std::uint32_t>(hashes_[code] >> 32U), code};
  }
}

}  // namespace journeykit::events
