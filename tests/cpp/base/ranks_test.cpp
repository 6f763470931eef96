#include "journeykit/base/ranks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace journeykit::base {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(RankBucket, GrowsWithTheNumberAndStaysInside) {
  EXPECT_EQ(rank_bucket(0), 0U);
  EXPECT_EQ(rank_bucket(63), 63U);
  EXPECT_EQ(rank_bucket(64), 64U);
  EXPECT_EQ(rank_bucket(127), 127U);
  EXPECT_EQ(rank_bucket(128), 128U);
  EXPECT_EQ(rank_bucket(129), 128U);
  EXPECT_LT(rank_bucket(std::numeric_limits<std::uint64_t>::max()), kRankBuckets);
  std::size_t before = 0;
  for (std::uint64_t v = 1; v < (std::uint64_t{1} << 62U); v += 1 + v / 7) {
    EXPECT_GE(rank_bucket(v), before);
    before = rank_bucket(v);
  }
}

TEST(AtRanks, EqualsASort) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> values(1 + random() % 5000);
    const unsigned shift = static_cast<unsigned>(random() % 64);
    for (std::int64_t& v : values) v = static_cast<std::int64_t>(random()) >> shift;
    if (round % 5 == 0) values.front() = kMin;
    if (round % 5 == 0) values.back() = kMax;
    std::vector<std::int64_t> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const std::size_t n = values.size();
    const std::vector<std::size_t> ranks = {0, (n - 1) / 2, n / 2, n - 1, n - 1};
    std::vector<std::int64_t> expected;
    for (const std::size_t rank : ranks) expected.push_back(sorted[rank]);
    ASSERT_EQ(at_ranks(values, ranks), expected) << round;
  }
}

}  // namespace
}  // namespace journeykit::base
