// Exact sums of the steps between touchpoints, added up by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "journeykit/discovery/detail_edge_index.hpp"

namespace journeykit::discovery {

// A sum of many int64: the halves of each number are added apart, because the whole may pass 64 bits.
struct StepSum {
  std::int64_t count = 0, high = 0, low = 0;

  void add(std::int64_t ns) {
    ++count;
    high += ns >> 32U;
    low += ns & 0xFFFFFFFF;
  }
  void add(const StepSum& other) {
    count += other.count;
    high += other.high + (other.low >> 32U);
    low += other.low & 0xFFFFFFFF;
  }
  // Rounded once from the exact sum, as the mean of `summarize` is.
  double mean_seconds() const {
    const std::int64_t carried = high + (low >> 32U);
    const double sum = static_cast<double>(carried) * 4294967296.0 + static_cast<double>(low & 0xFFFFFFFF);
    return sum / static_cast<double>(count) / 1e9;
  }
};

// One cell per pair of touchpoints while these are few, numbered pairs otherwise.
class FlowCounts {
 public:
  FlowCounts(std::size_t touchpoints, std::size_t steps)
      : width_(touchpoints <= kWidest ? touchpoints : 0), sums_(width_ * width_), edges_(touchpoints, steps) {}

  std::size_t cell(std::uint32_t source, std::uint32_t target) {
    if (width_ != 0) return source * width_ + target;
    const std::uint32_t number = edges_.number(source, target);
    if (number >= sums_.size()) sums_.resize(number + 1);
    return number;
  }
  StepSum& sum(std::size_t cell) { return sums_[cell]; }
  std::size_t cell_count() const { return sums_.size(); }
  // visit(source, target, cell)
  template <class Visit>
  void each(Visit&& visit) const {
    for (std::size_t k = 0; k < sums_.size(); ++k) {
      if (sums_[k].count == 0) continue;
      if (width_ != 0) {
        visit(static_cast<std::uint32_t>(k / width_), static_cast<std::uint32_t>(k % width_), k);
      } else {
        visit(static_cast<std::uint32_t>(edges_.pairs()[k] >> 32U), static_cast<std::uint32_t>(edges_.pairs()[k]), k);
      }
    }
  }

 private:
  static constexpr std::size_t kWidest = 128;

  std::size_t width_;
  std::vector<StepSum> sums_;
  EdgeIndex edges_;
};

}  // namespace journeykit::discovery
