// Draws from a binomial by a seeded stream, in constant expected time: inversion where n·min(p, 1 − p) < 10, else
// transformed rejection (BTRS: W. Hörmann, "The generation of binomial random variates", J. Stat. Comput. Simul. 46,
// 1993, 101–110).
#pragma once

#include <cstdint>

#include "journeykit/base/random.hpp"

namespace journeykit::metrics {

// SplitMix64 (Steele, Lea & Flood 2014): the k-th number depends on the seed and k alone.
class Stream {
 public:
  explicit Stream(std::uint64_t seed) : state_(seed) {}
  double uniform() {  // in [0, 1)
    const double u = base::unit_interval(base::mix(state_));
    state_ += 0x9E3779B97F4A7C15ULL;
    return u;
  }

 private:
  std::uint64_t state_;
};

// Successes in `n` >= 0 trials of probability `share`; shares outside 0–1, as rounding may leave them, are cut.
std::int64_t draw_binomial(Stream& stream, std::int64_t n, double share);

}  // namespace journeykit::metrics
