#include "journeykit/discovery/times.hpp"

#include <gtest/gtest.h>

#include "events/make_log.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::discovery {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

journey::TimeSummary of(std::vector<std::int64_t> seconds) {
  for (auto& value : seconds) value *= kSecond;
  return *summarize(seconds);
}

TEST(Summarize, NothingIsNoDataNotZero) { EXPECT_FALSE(summarize({}).has_value()); }

TEST(Summarize, OneValueIsEveryStatistic) {
  const auto s = of({7});
  EXPECT_EQ(s, (journey::TimeSummary{1, 7, 7, 7, 7, 7}));
}

TEST(Summarize, TwoValuesInterpolate) {
  const auto s = of({20, 10});
  EXPECT_EQ(s, (journey::TimeSummary{2, 15, 15, 19, 10, 20}));
}

TEST(Summarize, EvenNumberTakesTheMeanOfTheMiddleTwo) { EXPECT_EQ(of({4, 1, 9, 2}).median_seconds, 3); }

TEST(Summarize, NinetiethPercentileMatchesNumpy) {
  // numpy.percentile([15, 20, 35, 40, 50], 90) = 46.0; rank 0.9 · 4 = 3.6, 40 + 0.6 · 10
  EXPECT_DOUBLE_EQ(of({50, 15, 35, 40, 20}).p90_seconds, 46);
  EXPECT_DOUBLE_EQ(of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).p90_seconds, 10);
}

TEST(Summarize, SumBeyondSixtyFourBitsStaysExact) {
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> values(1000, huge);
  EXPECT_DOUBLE_EQ(summarize(values)->mean_seconds, static_cast<double>(huge) / 1e9);
}

TEST(Summarize, NegativeValuesCount) {
  EXPECT_DOUBLE_EQ(of({-10, 4}).mean_seconds, -3);
  EXPECT_DOUBLE_EQ(of({-10, 4}).min_seconds, -10);
}

TEST(Elapsed, RefusesMoreThan292Years) {
  EXPECT_EQ(elapsed_ns(5, 3), -2);
  EXPECT_THROW(elapsed_ns(std::numeric_limits<std::int64_t>::min() + 1, 5), base::InvalidInput);
  EXPECT_THROW(elapsed_ns(5, std::numeric_limits<std::int64_t>::min() + 1), base::InvalidInput);
}

TEST(CaseDurations, RunToTheEndOfTheEventThatEndsLast) {
  events::LogOptions options;
  options.role(events::Role::EndTime) = "end";
  const auto log = test::make_log({{"1", "A", 0}, {"1", "B", 10}, {"2", "A", 3}}, options,
                                  {{"end", base::Times{{60 * kSecond, 12 * kSecond, base::kMissingInteger}}}});
  EXPECT_EQ(case_durations_ns(log), (std::vector<std::int64_t>{60 * kSecond, 0}));
}

}  // namespace
}  // namespace journeykit::discovery
