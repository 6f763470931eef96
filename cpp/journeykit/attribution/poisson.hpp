// Draws from a Poisson distribution by a seeded stream. Small whole means, which most weights are, by a table; others
// by inversion below 10 and by transformed rejection above (PTRS: W. Hörmann, "The transformed rejection method for
// generating Poisson random variables", Insurance: Mathematics and Economics 12, 1993, 39–45).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "journeykit/base/random.hpp"

namespace journeykit::attribution {

class PoissonStream {  // SplitMix64: the k-th number depends on the seed and k alone
 public:
  explicit PoissonStream(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() {
    const std::uint64_t out = base::mix(state_);
    state_ += 0x9E3779B97F4A7C15ULL;
    return out;
  }
  double uniform() { return base::unit_interval(bits()); }

 private:
  std::uint64_t state_;
};

class PoissonTables {
 public:
  PoissonTables();
  double draw(PoissonStream& stream, double mean) const {  // mean >= 0, finite
    const auto whole = static_cast<std::size_t>(mean < kMeans ? mean : 0);
    if (static_cast<double>(whole) != mean || whole == 0) return mean == 0 ? 0 : draw_other(stream, mean);
    const Table& table = tables_[whole];
    const std::uint64_t bits = stream.bits();
    std::size_t k = table.guide[bits >> 56U];
    while (bits >= table.below[k] && k + 1 < table.below.size()) ++k;
    return static_cast<double>(k);
  }

 private:
  static double draw_other(PoissonStream& stream, double mean);

  static constexpr std::size_t kMeans = 17;
  struct Table {
    std::array<std::uint8_t, 256> guide{};  // by the upper byte of the number drawn: where to begin looking
    std::vector<std::uint64_t> below;       // probability of at most k, in units of 2^-64
  };
  std::array<Table, kMeans> tables_;
};

}  // namespace journeykit::attribution
