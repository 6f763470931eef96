// Expected numbers: SCIENCE notes §0, §1, §3, §17, §19 and the reference numbers for surveys (statsmodels, scipy).
#include "journeykit/metrics/interval.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "journeykit/base/error.hpp"

namespace journeykit::metrics {
namespace {

constexpr double kDigits = 5e-7;

void expect_interval(const Interval& got, double low, double high, double tolerance = kDigits) {
  EXPECT_NEAR(got.low, low, tolerance);
  EXPECT_NEAR(got.high, high, tolerance);
}

TEST(Wilson, AgreesWithThePublishedShares) {
  expect_interval(wilson(178, 200), 0.839073, 0.926228);
  expect_interval(wilson(70, 100), 0.604151, 0.781051);
  expect_interval(wilson(80, 100), 0.711171, 0.866633);
}

TEST(Wilson, TakesAFractionalEffectiveNumber) {
  expect_interval(wilson(0.89 * 200 / 1.9, 200 / 1.9), 0.815973, 0.936564);
}

TEST(Wilson, IsExactAtTheEndsAndEmptyForNoObservation) {
  EXPECT_EQ(wilson(0, 10).low, 0.0);
  EXPECT_GT(wilson(0, 10).high, 0.2);
  EXPECT_EQ(wilson(10, 10).high, 1.0);
  EXPECT_TRUE(std::isnan(wilson(0, 0).low));
  EXPECT_TRUE(std::isnan(wilson(0, 0).high));
}

TEST(Wilson, RefusesImpossibleCounts) {
  EXPECT_THROW(wilson(3, 2), base::InvalidInput);
  EXPECT_THROW(wilson(-1, 2), base::InvalidInput);
  EXPECT_THROW(wilson(1, 2, 1.0), base::InvalidInput);
  EXPECT_THROW(wilson(std::nan(""), 2), base::InvalidInput);
}

TEST(Newcombe, AgreesWithThePublishedDifference) {
  expect_interval(newcombe(240, 1000, 200, 1000), 0.003680, 0.076203);
}

TEST(Nps, AgreesWithThePublishedScores) {
  const NpsScore wald = nps_wald({50, 30, 20});
  EXPECT_NEAR(wald.value, 30, 1e-12);
  EXPECT_NEAR(wald.standard_error, 7.810250, kDigits);
  expect_interval(wald.interval, 14.692192, 45.307808);
  const NpsScore adjusted = nps_adjusted_wald({50, 30, 20});
  EXPECT_NEAR(adjusted.value, 29.126214, kDigits);
  expect_interval(adjusted.interval, 14.051130, 44.201297);
}

TEST(Nps, OfFivePromotersIsClippedAtHundred) {
  const NpsScore adjusted = nps_adjusted_wald({5, 0, 0});
  EXPECT_NEAR(adjusted.value, 62.5, 1e-12);
  EXPECT_NEAR(adjusted.interval.low, 17.491453, kDigits);
  EXPECT_EQ(adjusted.interval.high, 100.0);
  EXPECT_EQ(nps_wald({5, 0, 0}).standard_error, 0.0);
}

TEST(Nps, WithoutAnswersIsNoData) {
  EXPECT_TRUE(std::isnan(nps_wald({}).value));
  EXPECT_TRUE(std::isnan(nps_adjusted_wald({}).interval.low));
  EXPECT_THROW(nps_wald({-1, 0, 0}), base::InvalidInput);
}

TEST(Nps, TwoWavesAreComparedByTheirSummedVariance) {
  const DifferenceTest test = nps_waves({50, 30, 20}, {110, 50, 40});
  EXPECT_NEAR(test.difference, 5, 1e-12);
  EXPECT_NEAR(test.standard_error, 9.611191, kDigits);
  EXPECT_NEAR(test.z, 0.520227, kDigits);
  EXPECT_NEAR(test.p, 0.602905, kDigits);
  EXPECT_TRUE(std::isnan(nps_waves({5, 0, 0}, {5, 0, 0}).p));
}

TEST(Nps, SampleSizeForFivePoints) {
  EXPECT_EQ(nps_sample_size(5, 0.5, 0.2), 938);
  EXPECT_EQ(nps_sample_size(5, 0.5, 0.5), 1537);
  EXPECT_THROW(nps_sample_size(0, 0.5, 0.2), base::InvalidInput);
  EXPECT_THROW(nps_sample_size(5, 0.7, 0.5), base::InvalidInput);
}

TEST(Mean, HasTheTInterval) { expect_interval(t_interval(5.48, 1.4247450 / 10, 99), 5.197300, 5.762701, 1e-6); }

TEST(Mean, WithoutDegreesOfFreedomHasNoInterval) { EXPECT_TRUE(std::isnan(t_interval(1, 1, 0).low)); }

TEST(Shares, AreTestedAsStatsmodelsDoes) {
  EXPECT_NEAR(share_difference(12, 99, 5, 83).z, -1.4078, 5e-5);
  EXPECT_NEAR(share_difference(12, 99, 5, 83).p, 0.159, 5e-4);
  EXPECT_NEAR(share_against(5, 83, 0.05).z, 0.3921, 5e-5);
  EXPECT_NEAR(share_against(5, 83, 0.05).p, 0.695, 5e-4);
  EXPECT_NEAR(share_difference(200, 1000, 240, 1000).z, 2.159168, kDigits);
  EXPECT_NEAR(share_difference(200, 1000, 240, 1000).p, 0.030837, kDigits);
  EXPECT_TRUE(std::isnan(share_difference(0, 0, 1, 2).difference));
  EXPECT_TRUE(std::isnan(share_against(0, 0, 0.5).difference));
}

TEST(Standard, IsMetMissedOrNotProven) {
  const StandardCheck unclear = check_standard(178, 200, 0.90);
  EXPECT_NEAR(unclear.share, 0.89, 1e-12);
  EXPECT_NEAR(unclear.p_missed, 0.351648, kDigits);
  EXPECT_EQ(unclear.verdict, Verdict::NotProven);
  const StandardCheck missed = check_standard(160, 200, 0.90);
  EXPECT_NEAR(missed.p_missed, 1.700733e-5, 5e-12);
  EXPECT_EQ(missed.verdict, Verdict::Missed);
  const StandardCheck met = check_standard(192, 200, 0.90);
  EXPECT_NEAR(met.p_met, 1.388033e-3, 1e-9);  // printed cut, not rounded
  EXPECT_EQ(met.verdict, Verdict::Met);
  EXPECT_EQ(to_string(met.verdict), "met");
}

TEST(Standard, IsProvenFromTheFirstNumberWhereTheTailIsFivePercent) {
  // 0.9^28 = 0.0523 > 0.05 >= 0.0471 = 0.9^29
  EXPECT_EQ(check_standard(28, 28, 0.9).verdict, Verdict::NotProven);
  EXPECT_EQ(check_standard(29, 29, 0.9).verdict, Verdict::Met);
  EXPECT_EQ(check_standard(0, 28, 0.1).verdict, Verdict::NotProven);
  EXPECT_EQ(check_standard(0, 29, 0.1).verdict, Verdict::Missed);
}

TEST(Standard, WithoutObservationsProvesNothing) {
  const StandardCheck none = check_standard(0, 0, 0.9);
  EXPECT_EQ(none.verdict, Verdict::NotProven);
  EXPECT_TRUE(std::isnan(none.share));
  EXPECT_THROW(check_standard(1, 2, 1.0), base::InvalidInput);
}

TEST(Standard, NeededNumberReachesThePowerAndOneLessDoesNot) {
  const std::int64_t n = standard_sample_size(0.9, 0.95);
  const auto power = [](std::int64_t m) {
    std::int64_t critical = 0;
    while (binomial_at_least(critical, m, 0.9) > 0.05) ++critical;
    return binomial_at_least(critical, m, 0.95);
  };
  EXPECT_GE(power(n), 0.8);
  for (std::int64_t m = 1; m < n; ++m) EXPECT_LT(power(m), 0.8);
}

TEST(Standard, NeededNumberOfAMissedStandardIsThatOfTheComplement) {
  EXPECT_EQ(standard_sample_size(0.9, 0.8), standard_sample_size(0.1, 0.2));
  EXPECT_EQ(standard_sample_size(0.9, 1.0), 29);  // 0.9^29 = 0.047 < 0.05 < 0.9^28
  EXPECT_GT(standard_sample_size(0.9, 0.9001), 100'000);
  EXPECT_THROW(standard_sample_size(0.9, 0.9), base::InvalidInput);
}

TEST(BenjaminiHochberg, KeepsTheFirstTwoOfTheKnownSeries) {
  const std::vector<double> adjusted = benjamini_hochberg({.001, .008, .039, .041, .042, .06, .074, .205, .212, .216});
  EXPECT_LE(adjusted[1], 0.05);
  EXPECT_GT(adjusted[2], 0.05);
  EXPECT_NEAR(adjusted[0], 0.01, 1e-12);
}

TEST(BenjaminiHochberg, LeavesMissingValuesAlone) {
  const std::vector<double> adjusted = benjamini_hochberg({std::nan(""), 0.04, 0.02});
  EXPECT_TRUE(std::isnan(adjusted[0]));
  EXPECT_NEAR(adjusted[2], 0.04, 1e-12);
  EXPECT_TRUE(benjamini_hochberg({}).empty());
}

}  // namespace
}  // namespace journeykit::metrics
