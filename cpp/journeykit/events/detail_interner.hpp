// Gives each distinct text a code in order of first appearance.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "journeykit/base/random.hpp"

namespace journeykit::events {

class Interner {
 public:
  Interner() : slots_(64) {}

  // Throws InvalidInput with the name of the column when a new text is not UTF-8.
  std::uint32_t code(std::string_view text, const std::string& column) { return code(text, hash(text), column); }
  // The same for several texts, faster: memory is asked for before it is needed.
  void codes(std::span<const std::string_view> texts, std::uint32_t* out, const std::string& column);
  // The codes here of all texts of another, which is left empty.
  std::vector<std::uint32_t> absorb(Interner&& other);
  const std::vector<std::string>& values() const { return values_; }
  std::vector<std::string> finish() && { return std::move(values_); }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Slot {              // small, because most of the time goes into waiting for them
    std::uint32_t mark = 0;  // upper half of the hash
    std::uint32_t code = kNone;
  };

  std::uint64_t hash(std::string_view text) const;
  std::uint32_t code(std::string_view text, std::uint64_t hash, const std::string& column);
  std::size_t place(std::string_view text, std::uint64_t hash) const;
  std::uint32_t append(std::string text, std::uint64_t hash, std::size_t slot);
  void grow();

  std::vector<Slot> slots_;
  std::vector<std::string> values_;
  std::vector<std::uint64_t> hashes_;  // of the values
  // Differs from run to run, so that no file can be made whose texts all collide; codes do not depend on it.
  std::uint64_t seed_ = base::mix(reinterpret_cast<std::uintptr_t>(slots_.data()));
};

}  // namespace journeykit::events
