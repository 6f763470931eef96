// Numbers the ordered pairs of touchpoints in the order in which they are met: a matrix while that is small and pays,
// a hash table otherwise, so that a million touchpoints need no million squared cells.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace journeykit::discovery {

class EdgeIndex {
 public:
  // `steps`: about how many pairs will be asked for.
  EdgeIndex(std::size_t touchpoints, std::size_t steps);

  std::uint32_t number(std::uint32_t source, std::uint32_t target) {
    if (!matrix_.empty()) {
      std::uint32_t& cell = matrix_[source * touchpoints_ + target];
      if (cell == kNone) cell = append(source, target);
      return cell;
    }
    return number_by_hash(source, target);
  }
  // source << 32 | target, by number.
  std::span<const std::uint64_t> pairs() const { return pairs_; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  std::uint32_t append(std::uint32_t source, std::uint32_t target) {
    pairs_.push_back(static_cast<std::uint64_t>(source) << 32U | target);
    return static_cast<std::uint32_t>(pairs_.size() - 1);
  }
  std::uint32_t number_by_hash(std::uint32_t source, std::uint32_t target);
  void grow();

  std::size_t touchpoints_;
  std::vector<std::uint32_t> matrix_, slots_;
  std::vector<std::uint64_t> pairs_;
};

}  // namespace journeykit::discovery
