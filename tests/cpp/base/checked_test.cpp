#include "journeykit/base/checked.hpp"

#include <gtest/gtest.h>

namespace journeykit::base {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(CheckedDifference, IsExactUpToBothEndsOfTheRange) {
  EXPECT_EQ(checked_difference(7, 9), -2);
  EXPECT_EQ(checked_difference(kMax, 0), kMax);
  EXPECT_EQ(checked_difference(-1, kMax), kMin);
  EXPECT_EQ(checked_difference(-1, kMin), kMax);
  EXPECT_EQ(checked_difference(kMin, kMin), 0);
}

TEST(CheckedDifference, OneBeyondTheRangeIsRefused) {
  EXPECT_EQ(checked_difference(-2, kMax), std::nullopt);
  EXPECT_EQ(checked_difference(0, kMin), std::nullopt);
  EXPECT_EQ(checked_difference(kMin, 1), std::nullopt);
}

TEST(CheckedProduct, IsExactUpToBothEndsOfTheRange) {
  EXPECT_EQ(checked_product(-3, 1000), -3000);
  EXPECT_EQ(checked_product(9'223'372'036, 1'000'000'000), 9'223'372'036'000'000'000);
  EXPECT_EQ(checked_product(kMin, 1), kMin);
  EXPECT_EQ(checked_product(kMin / 2, 2), kMin);
}

TEST(CheckedProduct, OneBeyondTheRangeIsRefused) {
  EXPECT_EQ(checked_product(9'223'372'037, 1'000'000'000), std::nullopt);
  EXPECT_EQ(checked_product(kMin / 2 - 1, 2), std::nullopt);
}

}  // namespace
}  // namespace journeykit::base
