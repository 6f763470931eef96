#include "journeykit/metrics/exact_sum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace journeykit::metrics {
namespace {

std::string bytes_of(const ExactSum& sum) {
  base::ByteWriter out("sum", 1);
  sum.write(out);
  return std::move(out).finish();
}

TEST(ExactSum, small_numbers_are_not_lost_beside_large_ones) {
  ExactSum sum;
  for (const double x : {1e100, 1.0, -1e100, 1e-300}) sum.add(x);
  EXPECT_EQ(sum.value().high, 1.0);
  sum.add(-1.0);
  EXPECT_EQ(sum.value().high, 1e-300);
}

TEST(ExactSum, negative_totals_and_subnormal_numbers_are_exact) {
  ExactSum sum;
  const double tiny = std::numeric_limits<double>::denorm_min();
  for (int k = 0; k < 3; ++k) sum.add(-tiny);
  EXPECT_EQ(sum.value().high, -3 * tiny);
  sum.add(-1e300);
  EXPECT_EQ(sum.value().high, -1e300);
  sum.add(1e300);
  EXPECT_EQ(sum.value().high, -3 * tiny);
}

TEST(ExactSum, products_are_summed_without_rounding) {
  ExactSum sum;
  const double x = 1 + std::ldexp(1.0, -40);
  sum.add_product(x, x);  // 1 + 2^-39 + 2^-80
  sum.add(-1);
  sum.add(-std::ldexp(1.0, -39));
  EXPECT_EQ(sum.value().high, std::ldexp(1.0, -80));
}

TEST(ExactSum, any_order_and_split_gives_the_same_bytes) {
  std::mt19937_64 draw(11);
  std::vector<double> values;
  for (int k = 0; k < 200; ++k) {
    const double size = std::ldexp(static_cast<double>(draw() >> 11U), static_cast<int>(draw() % 600) - 300);
    values.push_back(draw() % 2 == 0 ? size : -size);
  }
  ExactSum whole;
  for (const double x : values) whole.add(x);
  for (int round = 0; round < 50; ++round) {
    std::ranges::shuffle(values, draw);
    ExactSum left, right;
    for (const double x : values) (draw() % 2 == 0 ? left : right).add(x);
    left.merge(right);
    EXPECT_EQ(bytes_of(left), bytes_of(whole));
  }
  const std::string bytes = bytes_of(whole);
  base::ByteReader in(bytes, "sum", 1, "a sum");
  EXPECT_EQ(bytes_of(ExactSum::read(in)), bytes);
}

}  // namespace
}  // namespace journeykit::metrics
