// Draws against the exact probabilities; seeds are fixed, so that a test either always passes or never does.
#include "journeykit/metrics/binomial.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "journeykit/metrics/quantile.hpp"

namespace journeykit::metrics {
namespace {

constexpr std::int64_t kDraws = 200'000;

struct Case {
  std::int64_t n;
  double share;
};
// both ways of drawing, both sides of ½, and the border n·p = 10 between them
const std::vector<Case> kCases = {{1, 0.3},     {7, 0.5},       {40, 0.24},   {40, 0.26},          {20, 0.5},
                                  {100, 0.97},  {1000, 0.0004}, {1000, 0.43}, {1'000'000, 0.61},   {1'000'000, 1e-5},
                                  {300, 0.999}, {25, 0.4},      {64, 0.84},   {3'000'000'000, 0.2}};

TEST(DrawBinomial, HasTheMomentsOfTheDistribution) {
  for (const Case& c : kCases) {
    Stream stream(7);
    const double n = static_cast<double>(c.n);
    const double mean = n * c.share;
    const double variance = mean * (1 - c.share);
    double sum = 0;
    double squares = 0;
    for (std::int64_t k = 0; k < kDraws; ++k) {
      const std::int64_t drawn = draw_binomial(stream, c.n, c.share);
      ASSERT_GE(drawn, 0);
      ASSERT_LE(drawn, c.n);
      const double d = static_cast<double>(drawn) - mean;
      sum += d;
      squares += d * d;
    }
    const double draws = static_cast<double>(kDraws);
    // five standard errors; the fourth central moment of a binomial is 3σ⁴ + σ²(1 − 6pq)
    const double fourth = 3 * variance * variance + variance * (1 - 6 * c.share * (1 - c.share));
    EXPECT_NEAR(sum / draws, 0, 5 * std::sqrt(variance / draws)) << c.n << " " << c.share;
    EXPECT_NEAR(squares / draws, variance, 5 * std::sqrt((fourth - variance * variance) / draws))
        << c.n << " " << c.share;
  }
}

// Chi-square over bins of neighbouring values that are expected at least 50 times each.
TEST(DrawBinomial, HasTheFrequenciesOfTheDistribution) {
  for (const Case& c : kCases) {
    if (c.n > 1'000'000) continue;  // the exact distribution function becomes the slow part
    Stream stream(11);
    const double mean = static_cast<double>(c.n) * c.share;
    const double reach = 6 * std::sqrt(mean * (1 - c.share)) + 10;
    const auto least = static_cast<std::int64_t>(std::max(0.0, std::floor(mean - reach)));
    const auto most = std::min(c.n, static_cast<std::int64_t>(mean + reach));
    std::vector<std::int64_t> seen(static_cast<std::size_t>(most - least) + 1);
    for (std::int64_t k = 0; k < kDraws; ++k) {
      const std::int64_t drawn = draw_binomial(stream, c.n, c.share);
      ++seen[static_cast<std::size_t>(std::clamp(drawn, least, most) - least)];
    }
    double chi_square = 0;
    double degrees = -1;
    double in_bin = 0;
    double before = 0;
    for (std::size_t k = 0; k < seen.size(); ++k) {
      in_bin += static_cast<double>(seen[k]);
      const bool last = k + 1 == seen.size();
      const double until = last ? 1.0 : binomial_at_most(least + static_cast<std::int64_t>(k), c.n, c.share);
      const double expected = static_cast<double>(kDraws) * (until - before);
      if (expected < 50 && !last) continue;
      if (expected > 0) {
        chi_square += (in_bin - expected) * (in_bin - expected) / expected;
        degrees += 1;
      }
      in_bin = 0;
      before = until;
    }
    // χ² has mean d and variance 2d; five standard deviations
    EXPECT_LT(chi_square, degrees + 5 * std::sqrt(2 * degrees) + 10) << c.n << " " << c.share;
  }
}

TEST(DrawBinomial, IsCertainAtTheEnds) {
  Stream stream(3);
  EXPECT_EQ(draw_binomial(stream, 0, 0.5), 0);
  EXPECT_EQ(draw_binomial(stream, 10, 0.0), 0);
  EXPECT_EQ(draw_binomial(stream, 10, -1e-17), 0);
  EXPECT_EQ(draw_binomial(stream, 10, 1.0), 10);
  EXPECT_EQ(draw_binomial(stream, 10, 1.0 + 1e-15), 10);
}

TEST(DrawBinomial, GivesTheSameNumbersForTheSameSeed) {
  Stream one(5);
  Stream other(5);
  for (int k = 0; k < 100; ++k) EXPECT_EQ(draw_binomial(one, 1000, 0.3), draw_binomial(other, 1000, 0.3));
}

}  // namespace
}  // namespace journeykit::metrics
