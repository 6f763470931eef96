// Expected numbers: SCIENCE notes §2 and §3 (lifelines 0.30).
#include "journeykit/metrics/survival.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "journeykit/base/error.hpp"

namespace journeykit::metrics {
namespace {

constexpr double kDigits = 5e-7;
constexpr double kMinuteNs = 6e10;
constexpr std::int64_t kDayNs = 86'400'000'000'000;

std::int64_t minutes(double m) { return std::llround(m * kMinuteNs); }

std::vector<Spell> spells(const std::vector<double>& times, const std::vector<int>& kinds) {
  std::vector<Spell> out;
  for (std::uint32_t k = 0; k < times.size(); ++k)
    out.push_back({k, minutes(times[k]), static_cast<SpellEnd>(kinds[k])});
  return out;
}

const std::vector<Spell> kAnswers = spells({.5, 1, 1, 1.5, 2, 2.5, 3, 4, 5, 6}, {1, 1, 1, 1, 0, 1, 1, 0, 1, 0});
const std::vector<Spell> kWithAbandoned = spells({.5, 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6}, {1, 1, 2, 1, 0, 1, 2, 0, 1, 0});

TEST(KaplanMeier, AgreesWithTheCallExample) {
  const SurvivalCurve curve = survival_curve(kAnswers);
  ASSERT_EQ(curve.times_ns.size(), 6U);
  EXPECT_EQ(curve.times_ns[2], minutes(1.5));  // S(2) is the step at 1.5: the spell of 2 is censored
  EXPECT_NEAR(curve.survival[2], 0.60, 1e-12);
  EXPECT_NEAR(curve.survival[2] * std::sqrt(curve.greenwood[2]), 0.154919, kDigits);
  const Interval interval = log_log_interval(curve.survival[2], curve.greenwood[2]);
  EXPECT_NEAR(interval.low, 0.252669, kDigits);
  EXPECT_NEAR(interval.high, 0.827221, kDigits);
}

TEST(KaplanMeier, EstimateOfIndependentCustomersHasTheGreenwoodInterval) {
  const Estimate left = estimate_survival(kAnswers, minutes(2));
  EXPECT_NEAR(left.value, 0.60, 1e-12);
  EXPECT_NEAR(left.low, 0.252669, kDigits);
  EXPECT_NEAR(left.high, 0.827221, kDigits);
  EXPECT_EQ(left.n, 10);
}

TEST(KaplanMeier, OfRepeatGapsIsTheFirstContactResolution) {
  std::vector<Spell> gaps;
  const std::vector<double> days{2, 10, 30, 3, 6, 1, 20, 15, 5, 8};
  const std::vector<int> again{1, 0, 0, 0, 1, 0, 1, 0, 0, 0};
  for (std::uint32_t k = 0; k < days.size(); ++k) {
    gaps.push_back({k, std::llround(days[k]) * kDayNs, again[k] == 1 ? SpellEnd::Event : SpellEnd::Censored});
  }
  EXPECT_NEAR(estimate_survival(gaps, 7 * kDayNs).value, 0.740741, kDigits);
}

TEST(AalenJohansen, AgreesWithTheAbandonmentExample) {
  const SurvivalCurve curve = survival_curve(kWithAbandoned);
  const std::vector<double> expected{0.1, 0.2, 0.2, 0.3, 0.42, 0.42, 0.6};  // at .5 1 1.2 1.5 2.5 3 5
  ASSERT_EQ(curve.incidence.size(), expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(curve.incidence[k], expected[k], 1e-12);
  const Estimate unanswered = estimate_survival(kWithAbandoned, minutes(5));
  EXPECT_NEAR(unanswered.value, 0.4, 1e-12);
  EXPECT_LT(unanswered.low, 0.4);
  EXPECT_GT(unanswered.high, 0.4);
  EXPECT_NE(unanswered.method.find("Aalen"), std::string::npos);
}

TEST(AalenJohansen, IsBelowOneMinusKaplanMeier) {
  std::vector<Spell> censored = kWithAbandoned;
  for (Spell& s : censored) {
    if (s.end == SpellEnd::Competing) s.end = SpellEnd::Censored;
  }
  EXPECT_NEAR(1 - estimate_survival(censored, minutes(5)).value, 0.725714, kDigits);
}

// The influence sum of Kaplan–Meier is Greenwood's formula: check the code by moving each weight a little.
TEST(AalenJohansen, InfluenceVarianceAgreesWithTheJackknife) {
  std::mt19937 random(3);
  std::vector<Spell> many;
  for (std::uint32_t k = 0; k < 400; ++k)
    many.push_back({k, static_cast<std::int64_t>(1 + random() % 50), static_cast<SpellEnd>(random() % 3)});
  const Estimate whole = estimate_survival(many, 25);
  double jackknife = 0;
  for (std::size_t left_out = 0; left_out < many.size(); ++left_out) {
    std::vector<Spell> rest = many;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    jackknife += std::pow(estimate_survival(rest, 25).value - whole.value, 2);
  }
  const Interval expected = log_log_interval(whole.value, jackknife / (whole.value * whole.value));
  EXPECT_NEAR(whole.low, expected.low, 2e-4);
  EXPECT_NEAR(whole.high, expected.high, 2e-4);
}

// Half of the customers come back early, half late: leave out one customer at a time for the variance between them.
TEST(Survival, ClusteredIntervalAgreesWithTheJackknifeByCustomer) {
  constexpr std::uint32_t customers = 60;
  std::mt19937 random(8);
  std::vector<Spell> many;
  for (std::uint32_t customer = 0; customer < customers; ++customer) {
    for (int k = 0; k < 5; ++k) {
      const auto length = static_cast<std::int64_t>(1 + random() % (customer % 2 == 0 ? 20 : 80));
      many.push_back({customer, length, random() % 4 == 0 ? SpellEnd::Censored : SpellEnd::Event});
    }
  }
  const Estimate whole = estimate_survival(many, 20);
  double jackknife = 0;
  for (std::uint32_t left_out = 0; left_out < customers; ++left_out) {
    std::vector<Spell> rest;
    for (const Spell& s : many) {
      if (s.customer != left_out) rest.push_back(s);
    }
    jackknife += std::pow(estimate_survival(rest, 20).value - whole.value, 2);
  }
  const double few = t_quantile(0.975, customers - 1) / t_quantile(0.975, static_cast<double>(many.size() - 1));
  const Interval expected = log_log_interval(whole.value, jackknife * few * few / (whole.value * whole.value));
  const Interval naive = log_log_interval(whole.value, survival_curve(many).greenwood[19]);
  EXPECT_NEAR(whole.low, expected.low, 2e-3);
  EXPECT_NEAR(whole.high, expected.high, 2e-3);
  EXPECT_LT(whole.low, naive.low - 0.02);
}

TEST(Survival, CountsACustomerWithTwoEqualSpellsOnlyOnce) {
  std::vector<Spell> twice;
  for (const Spell& s : kAnswers) twice.insert(twice.end(), 2, s);
  const Estimate once = estimate_survival(kAnswers, minutes(2));
  const Estimate clustered = estimate_survival(twice, minutes(2));
  EXPECT_EQ(clustered.customers, 10);
  EXPECT_NEAR(clustered.value, once.value, 1e-12);
  EXPECT_LE(clustered.low, once.low + 0.01);
  EXPECT_GE(clustered.high, once.high - 0.01);
}

TEST(Survival, WithoutAnyEventIsOneWithAWilsonInterval) {
  std::vector<Spell> none;
  for (std::uint32_t k = 0; k < 10; ++k) none.push_back({k, minutes(k < 6 ? 10 : 1), SpellEnd::Censored});
  const Estimate spared = estimate_survival(none, minutes(5));
  EXPECT_EQ(spared.value, 1.0);
  EXPECT_NEAR(spared.low, wilson(6, 6).low, 1e-12);  // four were not followed for 5 minutes
  EXPECT_EQ(spared.high, 1.0);
}

TEST(Survival, WhereAllHadTheEventIsZero) {
  const Estimate gone = estimate_survival(spells({1, 2, 3}, {1, 1, 1}), minutes(3));
  EXPECT_EQ(gone.value, 0.0);
  EXPECT_NEAR(gone.high, wilson(0, 3).high, 1e-12);
}

TEST(Survival, BeyondTheLongestSpellIsNoData) {
  const Estimate unknown = estimate_survival(spells({1, 2, 3}, {1, 0, 0}), minutes(5));
  EXPECT_TRUE(std::isnan(unknown.value));
  EXPECT_NE(unknown.warning.find("no data"), std::string::npos);
  EXPECT_TRUE(std::isnan(estimate_survival({}, 1).value));
  EXPECT_TRUE(std::isnan(estimate_survival(spells({1}, {0}), minutes(2)).value));
}

TEST(Survival, OfOneCustomerHasNoInterval) {
  const Estimate one = estimate_survival(std::vector<Spell>{{4, 5, SpellEnd::Event}, {4, 9, SpellEnd::Censored}}, 7);
  EXPECT_NEAR(one.value, 0.5, 1e-12);
  EXPECT_TRUE(std::isnan(one.low));
}

TEST(Survival, RefusesNegativeLengths) {
  EXPECT_THROW(survival_curve(std::vector<Spell>{{0, -1, SpellEnd::Event}}), base::InvalidInput);
}

TEST(Quantile, WithoutCensoringIsTheUsualMedian) {
  EXPECT_NEAR(estimate_quantile(spells({1, 2, 3}, {1, 1, 1}), 0.5).value, 120, 1e-9);
  EXPECT_NEAR(estimate_quantile(spells({1, 2, 3, 10}, {1, 1, 1, 1}), 0.5).value, 150, 1e-9);
}

TEST(Quantile, OfTheCallExampleIsTwoAndAHalfMinutes) {
  // S: .9 .7 .6 .48: comes below one half at 2.5 min; naive median among the answered 1.5
  const Estimate median = estimate_quantile(kAnswers, 0.5);
  EXPECT_NEAR(median.value, 150, 1e-9);
  EXPECT_LE(median.low, 150);
  EXPECT_TRUE(std::isnan(median.high) || median.high >= 150);
}

TEST(Quantile, ThatTheCurveDoesNotReachIsNoData) {
  const Estimate p90 = estimate_quantile(kAnswers, 0.9);
  EXPECT_TRUE(std::isnan(p90.value));
  EXPECT_EQ(p90.warning, "no data: fewer than 90 % are over");
  EXPECT_THROW(estimate_quantile(kAnswers, 1.0), base::InvalidInput);
}

TEST(MeanTime, WithoutCensoringIsTheMeanWithItsTInterval) {
  const Estimate mean = estimate_mean_time(spells({1, 2, 3, 6}, {1, 1, 1, 1}));
  EXPECT_NEAR(mean.value, 180, 1e-9);
  // s = 60·sqrt(14/3), se = s/2, t(0.975, 3) = 3.182446
  const double half = 3.182446 * 60 * std::sqrt(14.0 / 3) / 2;
  EXPECT_NEAR(mean.high, 180 + half, 1e-3);
  EXPECT_EQ(mean.low, 0);  // never negative
}

TEST(MeanTime, OfTheCallExampleIsTheAreaUnderTheCurve) {
  // .5·1 + .5·.9 + .5·.7 + 1·.6 + .5·.48 + 2·.36 + 1·.18 = 3.04 min up to 6 min
  const Estimate mean = estimate_mean_time(kAnswers);
  EXPECT_NEAR(mean.value, 3.04 * 60, 1e-9);
  EXPECT_NE(mean.warning.find("up to 360 s"), std::string::npos);
}

TEST(MeanTime, VarianceAgreesWithTheJackknife) {
  std::mt19937 random(5);
  std::vector<Spell> many;  // cut at 600 s, where about a quarter is left: the curve's tail is well determined
  for (std::uint32_t k = 0; k < 300; ++k) {
    const auto seconds = static_cast<std::int64_t>(1 + random() % 1000);
    many.push_back({k, std::min<std::int64_t>(seconds, 600) * 1'000'000'000,
                    seconds < 600 && random() % 4 > 0 ? SpellEnd::Event : SpellEnd::Censored});
  }
  const Estimate whole = estimate_mean_time(many);
  double jackknife = 0;
  for (std::size_t left_out = 0; left_out < many.size(); ++left_out) {
    std::vector<Spell> rest = many;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    jackknife += std::pow(estimate_mean_time(rest).value - whole.value, 2);
  }
  const double half = t_quantile(0.975, 299) * std::sqrt(jackknife);
  EXPECT_NEAR((whole.high - whole.low) / 2, half, 0.01 * half);
}

TEST(MeanTime, WithoutAnyEventIsNoData) {
  const Estimate none = estimate_mean_time(spells({1, 2}, {0, 0}));
  EXPECT_TRUE(std::isnan(none.value));
  EXPECT_TRUE(std::isnan(estimate_mean_time({}).value));
}

TEST(Survival, IntervalsCoverTheTruthAsOftenAsTheySay) {
  std::mt19937_64 random(20260102);
  std::uniform_real_distribution<double> uniform(0, 1);
  const int runs = 1000;
  int share_hits = 0;
  int mean_hits = 0;
  int median_hits = 0;
  // Each of 200 customers (fewer, and the skewed mean falls short of 93 %) has 1–4 spells from its own rate 1 or 3
  // (half each): S(1) = (e^-1 + e^-3)/2.
  const double truth = (std::exp(-1) + std::exp(-3)) / 2;
  const double mean_truth = (1.0 + 1.0 / 3) / 2;
  const double median_truth = 0.382244;  // (e^-t + e^-3t)/2 = 1/2: x + x³ = 1, x = .682328, t = −ln x
  for (int run = 0; run < runs; ++run) {
    std::vector<Spell> sample;
    std::vector<Spell> complete;
    for (std::uint32_t customer = 0; customer < 200; ++customer) {
      const double rate = uniform(random) < 0.5 ? 1 : 3;
      const auto count = 1 + random() % 4;
      for (std::size_t k = 0; k < count; ++k) {
        const double event = -std::log(1 - uniform(random)) / rate;
        const double end = 1 + 2 * uniform(random);
        sample.push_back({customer, static_cast<std::int64_t>(std::min(event, end) * 1e9),
                          event <= end ? SpellEnd::Event : SpellEnd::Censored});
        complete.push_back({customer, static_cast<std::int64_t>(event * 1e9), SpellEnd::Event});
      }
    }
    const Estimate share = estimate_survival(sample, 1'000'000'000);
    const Estimate median = estimate_quantile(sample, 0.5);
    const Estimate mean = estimate_mean_time(complete);
    share_hits += share.low <= truth && truth <= share.high ? 1 : 0;
    median_hits += median.low <= median_truth && median_truth <= median.high ? 1 : 0;
    mean_hits += mean.low <= mean_truth && mean_truth <= mean.high ? 1 : 0;
  }
  for (const int hits : {share_hits, median_hits, mean_hits}) {
    EXPECT_GE(hits, runs * 93 / 100);
    EXPECT_LE(hits, runs * 975 / 1000);
  }
}

}  // namespace
}  // namespace journeykit::metrics
