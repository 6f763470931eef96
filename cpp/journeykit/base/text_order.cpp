#include "journeykit/base/text_order.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

namespace journeykit::base {
namespace {

constexpr std::size_t kBytes = 8;

// Asks the caller once in many entries: a question costs as much as several of them.
class Pace {
 public:
  explicit Pace(const Cancellation& cancellation) : cancellation_(cancellation) {}
  void passed(std::size_t entries) {
    constexpr std::size_t between_questions = std::size_t{1} << 16U;
    if ((passed_ += entries) < between_questions) return;
    passed_ = 0;
    cancellation_.check();
  }

 private:
  const Cancellation& cancellation_;
  std::size_t passed_ = 0;
};

struct Entry {
  std::uint64_t key = 0;  // eight bytes, the first one highest; zeros behind the end of the text
  std::uint32_t position = 0;
};

std::uint64_t key_at(std::string_view text, std::size_t depth) {
  std::uint64_t key = 0;
  for (std::size_t k = 0; k < kBytes; ++k) {
    const std::size_t at = depth + k;
    key = key << 8U | (at < text.size() ? static_cast<unsigned char>(text[at]) : 0U);
  }
  return key;
}

std::size_t common_prefix(std::span<const std::string> texts, Pace& pace) {
  std::size_t length = texts.front().size();
  for (const std::string& text : texts) {
    pace.passed(1);
    length = std::min(length, text.size());
    if (!std::equal(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length), texts.front().begin())) {
      length = static_cast<std::size_t>(
          std::mismatch(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length), texts.front().begin()).first -
          text.begin());
    }
  }
  return length;
}

// By key, stable: byte by byte from the lowest, leaving out bytes that all keys share.
void sort_by_key(std::span<Entry> entries, std::vector<Entry>& spare, Pace& pace) {
  constexpr std::size_t few = 256;
  pace.passed(entries.size());
  if (entries.size() < few) {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
    return;
  }
  spare.resize(std::max(spare.size(), entries.size()));
  std::span<Entry> from = entries;
  std::span<Entry> to = std::span(spare).first(entries.size());
  std::uint64_t different = 0;
  for (const Entry& entry : entries) different |= entry.key ^ entries.front().key;
  for (unsigned shift = 0; shift < 64; shift += 8) {
    if ((different >> shift & 0xFFU) == 0) continue;
    pace.passed(entries.size());
    std::array<std::size_t, 257> next{};
    for (const Entry& entry : from) ++next[(entry.key >> shift & 0xFFU) + 1];
    std::partial_sum(next.begin(), next.end(), next.begin());
    for (const Entry& entry : from) to[next[entry.key >> shift & 0xFFU]++] = entry;
    std::swap(from, to);
  }
  if (from.data() != entries.data()) std::copy(from.begin(), from.end(), entries.begin());
}

}  // namespace

std::vector<std::uint32_t> order_by_keys(std::size_t n,
                                         const std::function<std::uint64_t(std::uint32_t, std::size_t)>& key,
                                         const std::function<std::size_t(std::uint32_t)>& keys,
                                         const Cancellation& cancellation) {
  Pace pace(cancellation);
  std::vector<Entry> entries(n), spare;
  for (std::uint32_t k = 0; k < entries.size(); ++k) entries[k].position = k;
  struct Stretch {  // entries that agree in their first `depth` keys
    std::size_t begin = 0, end = 0, depth = 0;
  };
  std::vector<Stretch> open{{0, n, 0}};
  while (!open.empty()) {
    const Stretch stretch = open.back();
    open.pop_back();
    const auto part = std::span(entries).subspan(stretch.begin, stretch.end - stretch.begin);
    for (Entry& entry : part) {
      pace.passed(1);
      entry.key = key(entry.position, stretch.depth);
    }
    sort_by_key(part, spare, pace);
    for (std::size_t begin = 0, end = 0; begin < part.size(); begin = end) {
      pace.passed(1);
      for (end = begin + 1; end < part.size() && part[end].key == part[begin].key;) ++end;
      if (end - begin == 1) continue;
      const auto run = part.subspan(begin, end - begin);
      const auto longer = std::stable_partition(run.begin(), run.end(),
                                                [&](const Entry& e) { return keys(e.position) <= stretch.depth + 1; });
      const auto first = static_cast<std::size_t>(longer - run.begin());
      if (run.size() - first > 1)
        open.push_back({stretch.begin + begin + first, stretch.begin + end, stretch.depth + 1});
    }
  }
  std::vector<std::uint32_t> out(n);
  for (std::size_t k = 0; k < n; ++k) out[k] = entries[k].position;
  return out;
}

std::vector<std::uint32_t> byte_order(std::span<const std::string> texts, const Cancellation& cancellation) {
  if (texts.empty()) return {};
  Pace pace(cancellation);
  const std::size_t shared = common_prefix(texts, pace);
  std::vector<std::uint32_t> out = order_by_keys(
      texts.size(), [&](std::uint32_t k, std::size_t depth) { return key_at(texts[k], shared + depth * kBytes); },
      [&](std::uint32_t k) { return (texts[k].size() - shared + kBytes - 1) / kBytes; }, cancellation);
  // Texts that differ by NUL bytes at their ends alone have the same keys: the shorter one comes first.
  const auto stripped = [&](std::uint32_t k) {
    std::size_t n = texts[k].size();
    while (n > 0 && texts[k][n - 1] == '\0') --n;
    return std::string_view(texts[k]).substr(0, n);
  };
  for (std::size_t begin = 0; begin < out.size();) {
    pace.passed(1);
    std::size_t end = begin + 1;
    if (end < out.size() && (texts[out[begin]].ends_with('\0') || texts[out[end]].ends_with('\0'))) {
      while (end < out.size() && stripped(out[end]) == stripped(out[begin])) ++end;
      std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(begin), out.begin() + static_cast<std::ptrdiff_t>(end),
                       [&](std::uint32_t a, std::uint32_t b) {
                         return texts[a].size() != texts[b].size() ? texts[a].size() < texts[b].size() : a < b;
                       });
    }
    begin = end;
  }
  return out;
}

}  // namespace journeykit::base
