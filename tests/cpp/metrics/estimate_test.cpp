#include "journeykit/metrics/estimate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "journeykit/base/error.hpp"

namespace journeykit::metrics {
namespace {

constexpr double kDigits = 5e-7;

// One observation per customer: `ones` of them 1, the others `rest`.
std::vector<Observation> independent(std::uint32_t ones, std::uint32_t n, double rest = 0) {
  std::vector<Observation> out;
  for (std::uint32_t k = 0; k < n; ++k) out.push_back({k, k < ones ? 1.0 : rest, 1});
  return out;
}

TEST(Estimate, OfIndependentAnswersIsThePlainInterval) {
  const Estimate share = estimate_share(independent(178, 200));
  EXPECT_NEAR(share.low, 0.839073, kDigits);
  EXPECT_NEAR(share.high, 0.926228, kDigits);
  EXPECT_EQ(share.n, 200);
  EXPECT_EQ(share.customers, 200);
  EXPECT_EQ(share.warning, "");

  std::vector<Observation> answers = independent(50, 100);
  for (std::uint32_t k = 80; k < 100; ++k) answers[k].value = -1;
  const Estimate nps = estimate_nps(answers);
  EXPECT_NEAR(nps.value, 30, 1e-12);
  EXPECT_NEAR(nps.low, 14.051130, kDigits);
  EXPECT_NEAR(nps.high, 44.201297, kDigits);
}

TEST(Estimate, OfAMeanIsTheStudentInterval) {
  constexpr std::array<int, 7> counts{2, 3, 5, 10, 20, 35, 25};  // CES 1–7
  std::vector<Observation> answers;
  std::uint32_t customer = 0;
  for (std::size_t score = 0; score < counts.size(); ++score) {
    for (int k = 0; k < counts[score]; ++k) answers.push_back({customer++, static_cast<double>(score + 1), 1});
  }
  const Estimate mean = estimate_mean(answers);
  EXPECT_NEAR(mean.value, 5.48, 1e-12);
  EXPECT_NEAR(mean.low, 5.197300, 1e-6);
  EXPECT_NEAR(mean.high, 5.762701, 1e-6);
}

// Two answers of each customer are always equal: they tell as much as one (deff 2).
TEST(Estimate, CountsACustomerWhoAnswersTwiceAlikeOnlyOnce) {
  std::vector<Observation> answers;
  for (std::uint32_t k = 0; k < 40; ++k) {
    for (int twice = 0; twice < 2; ++twice) answers.push_back({k, k < 30 ? 1.0 : 0.0, 1});
  }
  const Effective seen = effective(answers);
  // cluster variance: 40/39·Σ(2(x−p))²/80²; independent: 80/79·Σ(x−p)²·…/80², so deff = 2·(40/39)/(80/79)
  EXPECT_NEAR(seen.deff, 2 * (40.0 / 39) / (80.0 / 79), 1e-12);
  const Estimate once = estimate_share(independent(30, 40));
  const Estimate twice = estimate_share(answers);
  EXPECT_EQ(twice.n, 80);
  EXPECT_EQ(twice.customers, 40);
  EXPECT_NEAR(twice.low, once.low, 0.005);
  EXPECT_NEAR(twice.high, once.high, 0.005);
  const Estimate mean_once = estimate_mean(independent(30, 40));
  const Estimate mean_twice = estimate_mean(answers);
  EXPECT_NEAR(mean_twice.low, mean_once.low, 1e-12);
  EXPECT_NEAR(mean_twice.high, mean_once.high, 1e-12);
}

TEST(Estimate, TakesNoGainFromCustomersWhoDisagreeWithThemselves) {
  std::vector<Observation> answers;
  for (std::uint32_t k = 0; k < 20; ++k) {
    answers.push_back({k, 1, 1});
    answers.push_back({k, 0, 1});
  }
  EXPECT_EQ(effective(answers).deff, 1.0);
  EXPECT_LT(estimate_share(answers).low, 0.36);
}

// SCIENCE notes §17: complaints per contact, unit customer; R .411765, se .089859.
TEST(Estimate, OfARatioUsesTheLinearisedVariance) {
  const std::array<double, 6> complaints{1, 0, 2, 1, 0, 3};
  const std::array<double, 6> contacts{2, 1, 4, 3, 2, 5};
  std::vector<Observation> customers;
  for (std::uint32_t k = 0; k < 6; ++k) customers.push_back({k, complaints[k], contacts[k]});
  const Estimate rate = estimate_rate(customers);
  EXPECT_NEAR(rate.value, 0.411765, kDigits);
  EXPECT_NEAR(effective(customers).standard_error, 0.089859, kDigits);
  EXPECT_NEAR(rate.high - rate.value, 2.570582 * 0.089859, 1e-6);  // t(0.975, 5) = 2.570582
}

TEST(Estimate, WithoutObservationsIsNoData) {
  for (const Estimate& e : {estimate_share({}), estimate_nps({}), estimate_mean({}), estimate_rate({})}) {
    EXPECT_TRUE(std::isnan(e.value));
    EXPECT_TRUE(std::isnan(e.low));
    EXPECT_EQ(e.n, 0);
    EXPECT_EQ(e.warning, "no data");
  }
}

TEST(Estimate, OfOneCustomerHasAValueButNoInterval) {
  const std::vector<Observation> answers{{7, 1, 1}, {7, 1, 1}, {7, 0, 1}};
  for (const Estimate& e : {estimate_share(answers), estimate_nps(answers), estimate_mean(answers)}) {
    EXPECT_FALSE(std::isnan(e.value));
    EXPECT_TRUE(std::isnan(e.low));
    EXPECT_TRUE(std::isnan(e.high));
    EXPECT_EQ(e.customers, 1);
    EXPECT_NE(e.warning.find("one customer"), std::string::npos);
  }
}

TEST(Estimate, CountsEachCustomerOnceWhereNothingVaries) {
  std::vector<Observation> answers;  // ten customers, five equal answers each
  for (std::uint32_t k = 0; k < 10; ++k) answers.insert(answers.end(), 5, Observation{k, 1, 1});
  EXPECT_NEAR(estimate_share(answers).low, wilson(10, 10).low, 1e-12);
  EXPECT_EQ(estimate_share(answers).high, 1.0);
  EXPECT_EQ(estimate_nps(answers).high, 100.0);
  const Estimate mean = estimate_mean(answers);
  EXPECT_TRUE(std::isnan(mean.low));
  EXPECT_EQ(mean.warning, "nothing varies: no interval");
}

TEST(Estimate, OfEqualTenthsDoesNotMistakeRoundingForVariance) {
  std::vector<Observation> answers;
  for (std::uint32_t k = 0; k < 1000; ++k) answers.push_back({k / 3, 0.1, 1});
  EXPECT_TRUE(std::isnan(estimate_mean(answers).low));
}

TEST(Estimate, NamesTheCustomerWhoDominates) {
  std::vector<Observation> answers = independent(10, 20);
  for (int k = 0; k < 20; ++k) answers.push_back({0, 1, 1});
  EXPECT_NE(estimate_share(answers).warning.find("one customer gives 53 %"), std::string::npos);
}

TEST(Estimate, DoesNotDependOnTheOrderOfRows) {
  std::mt19937 random(1);
  std::vector<Observation> answers;
  for (std::uint32_t k = 0; k < 300; ++k) answers.push_back({k % 37, static_cast<double>(random() % 5), 1});
  const Estimate sorted = estimate_mean(answers);
  std::shuffle(answers.begin(), answers.end(), random);
  const Estimate shuffled = estimate_mean(answers);
  EXPECT_NEAR(sorted.value, shuffled.value, 1e-14);
  EXPECT_NEAR(sorted.low, shuffled.low, 1e-12);
}

TEST(Estimate, RefusesAnImpossibleConfidence) {
  EXPECT_THROW(estimate_share(independent(1, 2), 0), base::InvalidInput);
  EXPECT_THROW(estimate_mean({}, 1.5), base::InvalidInput);
}

// Coverage: customers with 1–8 answers, each with its own tendency (intra-class correlation about 0.17).
TEST(Estimate, IntervalsCoverTheTruthAsOftenAsTheySay) {
  std::mt19937_64 random(20260101);
  std::uniform_real_distribution<double> uniform(0, 1);
  const int runs = 2000;
  int share_hits = 0;
  int mean_hits = 0;
  int naive_hits = 0;
  int nps_hits = 0;
  for (int run = 0; run < runs; ++run) {
    std::vector<Observation> shares;
    std::vector<Observation> means;
    std::vector<Observation> scores;
    double successes = 0;
    for (std::uint32_t customer = 0; customer < 80; ++customer) {
      const double tendency = uniform(random) < 0.5 ? 0.5 : 0.9;  // truth: 0.7
      const double mood = uniform(random) - 0.5;
      const auto answers = static_cast<int>(1 + random() % 8);
      for (int k = 0; k < answers; ++k) {
        const double yes = uniform(random) < tendency ? 1 : 0;
        successes += yes;
        shares.push_back({customer, yes, 1});
        means.push_back({customer, 3 + mood + uniform(random) - 0.5, 1});                       // truth: 3
        scores.push_back({customer, yes > 0 ? 1.0 : (uniform(random) < 0.5 ? 0.0 : -1.0), 1});  // truth: 70 − 15
      }
    }
    const Estimate share = estimate_share(shares);
    const Estimate mean = estimate_mean(means);
    const Estimate nps = estimate_nps(scores);
    const Interval naive = wilson(successes, static_cast<double>(shares.size()));
    share_hits += share.low <= 0.7 && 0.7 <= share.high ? 1 : 0;
    mean_hits += mean.low <= 3 && 3 <= mean.high ? 1 : 0;
    nps_hits += nps.low <= 55 && 55 <= nps.high ? 1 : 0;
    naive_hits += naive.low <= 0.7 && 0.7 <= naive.high ? 1 : 0;
  }
  for (const int hits : {share_hits, mean_hits, nps_hits}) {
    EXPECT_GE(hits, runs * 93 / 100);
    EXPECT_LE(hits, runs * 97 / 100);
  }
  EXPECT_LT(naive_hits, runs * 92 / 100);  // what is lost when answers are taken as independent
}

}  // namespace
}  // namespace journeykit::metrics
