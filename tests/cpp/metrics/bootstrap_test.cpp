#include "journeykit/metrics/bootstrap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/random.hpp"

namespace journeykit::metrics {
namespace {

const base::Cancellation kNever;

template <class T>
std::vector<std::int64_t> counted(const std::vector<T>& answers, const AnswerScale& scale = {}) {
  std::vector<std::int64_t> counts;
  count_answers(std::span<const T>(answers), scale, 0, counts);
  return counts;
}

template <class T>
std::vector<T> many(std::size_t n) {
  std::vector<T> answers(n);
  for (std::size_t k = 0; k < n; ++k) answers[k] = static_cast<T>(base::mix(k) % 11);
  return answers;
}

TEST(CountAnswers, GivesTheSameForEveryTypeAndLength) {
  for (const std::size_t n : {0U, 1U, 3U, 63U, 64U, 255U * 64U, 255U * 64U + 1U, 40'000U}) {
    std::vector<std::int64_t> expected(11);
    for (const int answer : many<int>(n)) ++expected[static_cast<std::size_t>(answer)];
    EXPECT_EQ(counted(many<std::int8_t>(n)), expected) << n;
    EXPECT_EQ(counted(many<std::uint8_t>(n)), expected) << n;
    EXPECT_EQ(counted(many<std::uint16_t>(n)), expected) << n;
    EXPECT_EQ(counted(many<std::int64_t>(n)), expected) << n;
    EXPECT_EQ(counted(many<std::uint64_t>(n)), expected) << n;
    EXPECT_EQ(counted(many<float>(n)), expected) << n;
    EXPECT_EQ(counted(many<double>(n)), expected) << n;
  }
}

TEST(CountAnswers, AddsUpOverPartsAndLeavesNanOut) {
  std::vector<std::int64_t> counts;
  const std::vector<double> one = {10, std::nan(""), 0};
  const std::vector<std::uint8_t> two = {10, 7};
  count_answers(std::span<const double>(one), {}, 0, counts);
  count_answers(std::span<const std::uint8_t>(two), {}, 3, counts);
  EXPECT_EQ(counts, (std::vector<std::int64_t>{1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2}));
}

template <class T>
void expect_refused(const std::vector<T>& answers, const char* part) {
  try {
    counted(answers);
    FAIL() << "no error";
  } catch (const base::InvalidInput& e) {
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
  }
}

TEST(CountAnswers, NamesTheFirstRowThatIsNoPointOfTheScale) {
  expect_refused<std::uint8_t>({3, 11, 200}, "row 1 (from 0) is 11; expected whole numbers from 0 to 10");
  expect_refused<std::int8_t>({3, 4, -1}, "row 2 (from 0) is -1");
  expect_refused<std::int64_t>({-5}, "row 0 (from 0) is -5");
  expect_refused<double>({1, 7.5}, "row 1 (from 0) is 7.5");
  expect_refused<double>({std::numeric_limits<double>::infinity()}, "row 0 (from 0) is inf");
}

TEST(CountAnswers, TakesWideAndNegativeScales) {
  const AnswerScale wide{AnswerNumber::Mean, -100, 100};
  const std::vector<std::int8_t> answers = {-100, 100, 0, -100};
  const auto counts = counted(answers, wide);
  EXPECT_EQ(counts.size(), 201U);
  EXPECT_EQ(counts[0], 2);
  EXPECT_EQ(counts[100], 1);
  EXPECT_EQ(counts[200], 1);
}

TEST(BootstrapAnswers, ComesNearTheClosedFormForManyAnswers) {
  const std::vector<std::int64_t> counts = {100, 0, 0, 0, 0, 0, 1900, 1500, 1500, 2000, 3000};
  const Bootstrap b = bootstrap_answers(counts, {}, {20'000, 0.95, 1, 2}, kNever);
  const NpsScore wald = nps_wald({5000, 3000, 2000});
  EXPECT_NEAR(b.value, 30, 1e-12);
  EXPECT_EQ(b.n, 10'000);
  EXPECT_EQ(b.units, 10'000);
  // a standard deviation of 20,000 replicates is off by 1/√40,000 = 0.5 %, an end by 1.9 % of it
  EXPECT_NEAR(b.standard_error, wald.standard_error, 0.02 * wald.standard_error);
  EXPECT_NEAR(b.interval.low, wald.interval.low, 0.08 * wald.standard_error);
  EXPECT_NEAR(b.interval.high, wald.interval.high, 0.08 * wald.standard_error);
}

TEST(BootstrapAnswers, OfSharesAndMeansComesNearTheClosedForm) {
  const std::vector<std::int64_t> counts = {100, 200, 300, 250, 150};
  const Bootstrap share = bootstrap_answers(counts, {AnswerNumber::TopShare, 1, 5, 2}, {20'000, 0.95, 2, 1}, kNever);
  EXPECT_NEAR(share.value, 0.4, 1e-12);
  EXPECT_NEAR(share.standard_error, std::sqrt(0.24 / 1000), 0.0004);
  const Bootstrap mean = bootstrap_answers(counts, {AnswerNumber::Mean, 1, 5, 2}, {20'000, 0.95, 2, 1}, kNever);
  EXPECT_NEAR(mean.value, 3.15, 1e-12);  // (100 + 400 + 900 + 1000 + 750) / 1000
  // Σ c·x² / n = (100 + 800 + 2700 + 4000 + 3750) / 1000 = 11.35; less 3.15² = 1.4275
  EXPECT_NEAR(mean.standard_error, std::sqrt(1.4275 / 1000), 0.0008);
}

TEST(BootstrapAnswers, IsTheSameForAnyNumberOfThreads) {
  std::vector<std::int64_t> counts(201, 1000);
  const AnswerScale scale{AnswerNumber::Mean, 0, 200, 2};
  const Bootstrap one = bootstrap_answers(counts, scale, {1000, 0.9, 4, 1}, kNever);
  for (const unsigned threads : {2U, 3U, 8U}) {
    const Bootstrap more = bootstrap_answers(counts, scale, {1000, 0.9, 4, threads}, kNever);
    EXPECT_EQ(one.interval.low, more.interval.low);
    EXPECT_EQ(one.interval.high, more.interval.high);
    EXPECT_EQ(one.standard_error, more.standard_error);
  }
  EXPECT_NE(one.interval.low, bootstrap_answers(counts, scale, {1000, 0.9, 5, 1}, kNever).interval.low);
}

TEST(BootstrapAnswers, SaysWhyThereIsNoInterval) {
  const BootstrapOptions options;
  const Bootstrap none = bootstrap_answers(std::vector<std::int64_t>(11), {}, options, kNever);
  EXPECT_TRUE(std::isnan(none.value));
  EXPECT_EQ(none.warning, "no data");
  const Bootstrap one = bootstrap_answers({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, {}, options, kNever);
  EXPECT_EQ(one.value, 100);
  EXPECT_TRUE(std::isnan(one.interval.low));
  EXPECT_EQ(one.warning, "one answer: no interval");
  const Bootstrap same = bootstrap_answers({0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5}, {}, options, kNever);
  EXPECT_TRUE(std::isnan(same.interval.high));
  EXPECT_EQ(same.warning, "nothing varies: no interval");
}

TEST(BootstrapCustomers, WithOneAnswerEachIsTheBootstrapOfAnswers) {
  const std::vector<double> answers = {10, 9, 8, 7, 3, 2, 10, 9, 5, 10};
  std::vector<std::int32_t> customers(answers.size());
  std::iota(customers.begin(), customers.end(), 0);
  const Bootstrap a = bootstrap_answers(counted(answers), {}, {1000, 0.95, 3, 1}, kNever);
  const Bootstrap c = bootstrap_customers(answers, customers, {}, {1000, 0.95, 3, 1}, kNever);
  EXPECT_EQ(a.value, c.value);
  EXPECT_EQ(a.interval.low, c.interval.low);
  EXPECT_EQ(a.interval.high, c.interval.high);
  EXPECT_EQ(c.units, 10);
}

// Customers of ten equal answers each: the answers hold a tenth of the knowledge, the error is √10 times as large.
TEST(BootstrapCustomers, SeesThatAnswersOfOneCustomerAreAlike) {
  std::vector<double> answers;
  std::vector<std::int32_t> customers;
  for (std::int32_t customer = 0; customer < 1000; ++customer) {
    for (int k = 0; k < 10; ++k) {
      answers.push_back(customer % 10 < 5 ? 10 : customer % 10 < 8 ? 8 : 2);
      customers.push_back(customer);
    }
  }
  const Bootstrap alone = bootstrap_answers(counted(answers), {}, {20'000, 0.95, 1, 1}, kNever);
  const Bootstrap together = bootstrap_customers(answers, customers, {}, {20'000, 0.95, 1, 1}, kNever);
  EXPECT_EQ(together.units, 1000);
  EXPECT_EQ(together.n, 10'000);
  EXPECT_NEAR(together.standard_error / alone.standard_error, std::sqrt(10.0), 0.1);
}

TEST(BootstrapCustomers, RefusesAnswersOfNobodyAndUnequalColumns) {
  const std::vector<double> answers = {1, 2};
  EXPECT_THROW(bootstrap_customers(answers, std::vector<std::int32_t>{0, -1}, {}, {}, kNever), base::InvalidInput);
  EXPECT_THROW(bootstrap_customers(answers, std::vector<std::int32_t>{0, 2}, {}, {}, kNever), base::InvalidInput);
  EXPECT_THROW(bootstrap_customers(answers, std::vector<std::int32_t>{0}, {}, {}, kNever), base::InvalidInput);
}

TEST(Bootstrap, RefusesImpossibleOptions) {
  const std::vector<std::int64_t> counts(11, 3);
  EXPECT_THROW(bootstrap_answers(counts, {}, {99}, kNever), base::InvalidInput);
  EXPECT_THROW(bootstrap_answers(counts, {}, {1000, 1.0}, kNever), base::InvalidInput);
  EXPECT_THROW(bootstrap_answers(counts, {AnswerNumber::Nps, 1, 5}, {}, kNever), base::InvalidInput);
  EXPECT_THROW(bootstrap_answers(counts, {AnswerNumber::Mean, 5, 5}, {}, kNever), base::InvalidInput);
  EXPECT_THROW(bootstrap_answers(counts, {AnswerNumber::Mean, 0, 256}, {}, kNever), base::InvalidInput);
  EXPECT_THROW(bootstrap_answers(counts, {AnswerNumber::TopShare, 1, 5, 5}, {}, kNever), base::InvalidInput);
}

}  // namespace
}  // namespace journeykit::metrics
