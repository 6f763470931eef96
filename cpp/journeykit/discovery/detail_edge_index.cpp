#include "journeykit/discovery/detail_edge_index.hpp"

#include "journeykit/base/random.hpp"

namespace journeykit::discovery {

EdgeIndex::EdgeIndex(std::size_t touchpoints, std::size_t steps) : touchpoints_(touchpoints) {
  constexpr std::size_t widest_matrix = 1024;
  if (touchpoints > 0 && touchpoints <= widest_matrix && touchpoints * touchpoints <= 4096 + 4 * steps) {
    matrix_.assign(touchpoints * touchpoints, kNone);
  } else {
    slots_.assign(64, kNone);
  }
}

std::uint32_t EdgeIndex::number_by_hash(std::uint32_t source, std::uint32_t target) {
  const std::uint64_t pair = static_cast<std::uint64_t>(source) << 32U | target;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = base::mix(pair) & mask;; at = (at + 1) & mask) {
    if (slots_[at] == kNone) {
      slots_[at] = append(source, target);
      const std::uint32_t number = slots_[at];
      if (pairs_.size() * 2 > slots_.size()) grow();
      return number;
    }
    if (pairs_[slots_[at]] == pair) return slots_[at];
  }
}

void EdgeIndex::grow() {
  slots_.assign(slots_.size() * 2, kNone);
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t number = 0; number < pairs_.size(); ++number) {
    std::size_t at = base::mix(pairs_[number]) & mask;
    while (slots_[at] != kNone) at = (at + 1) & mask;
    slots_[at] = number;
  }
}

}  // namespace journeykit::discovery
