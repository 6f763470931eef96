#include "journeykit/metrics/survey.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "events/make_log.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::metrics {
namespace {

using events::EventLog;
using events::LogOptions;
using events::Role;
using test::kSecond;

EventLog calls() {  // customer x: 0 call, 10 chat · y: 20 call
  LogOptions options;
  options.role(Role::Customer) = "customer";
  return test::make_log({{"a", "call", 0}, {"a", "chat", 10}, {"b", "call", 20}}, options,
                        {{"customer", test::text_column({"x", "", "y"})}, {"number", base::Integers{{7, 7, 8}}}});
}

SurveyAnswers answers(const std::vector<std::string>& keys, const std::vector<std::int64_t>& seconds,
                      const std::vector<double>& values) {
  SurveyAnswers out;
  out.key = std::get<base::Category>(test::text_column(keys));
  for (const std::int64_t s : seconds) out.times_ns.push_back(s == base::kMissingInteger ? s : s * kSecond);
  out.values = {values};
  return out;
}

TEST(Survey, AttachesToTheLatestEventOfTheKeyAndFillsAMissingCustomerFromItsCase) {
  const SurveyMatch match =
      match_answers(calls(), answers({"x", "y"}, {12, 20}, {9, 2}), {"customer", 5 * kSecond, {}});
  EXPECT_TRUE(std::isnan(match.values[0][0]));
  EXPECT_EQ(match.values[0][1], 9);
  EXPECT_EQ(match.values[0][2], 2);
  EXPECT_EQ(match.counts.attached, 2);
}

TEST(Survey, CountsEveryAnswerOnce) {
  const double none = std::nan("");
  const auto given = answers({"x", "x", "x", "y", "q", "", "x", "x"}, {11, 12, 99, 3, 5, 5, base::kMissingInteger, 12},
                             {1, 2, 3, 4, 5, 6, 7, none});
  const SurveyCounts counts = match_answers(calls(), given, {"customer", 5 * kSecond, {}}).counts;
  EXPECT_EQ(counts.attached, 1);
  EXPECT_EQ(counts.superseded, 1);
  EXPECT_EQ(counts.late, 1);
  EXPECT_EQ(counts.early, 1);
  EXPECT_EQ(counts.unmatched, 1);
  EXPECT_EQ(counts.incomplete, 3);
}

TEST(Survey, HandlesTimesAtBothEndsOfTheClock) {
  SurveyAnswers far = answers({"x", "x"}, {0, 0}, {1, 2});
  far.times_ns = {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min() + 1};
  const SurveyCounts counts =
      match_answers(calls(), far, {"customer", std::numeric_limits<std::int64_t>::max(), {}}).counts;
  EXPECT_EQ(counts.attached, 1);
  EXPECT_EQ(counts.early, 1);
}

TEST(Survey, FindsByANumberColumn) {
  EXPECT_EQ(match_answers(calls(), answers({"8"}, {20}, {5}), {"number", kSecond, {}}).values[0][2], 5);
}

TEST(Survey, RefusesColumnsOfDifferentLengthAndAColumnThatIsThere) {
  SurveyAnswers uneven = answers({"x"}, {1}, {5});
  uneven.values[0].push_back(6);
  EXPECT_THROW(match_answers(calls(), uneven, {"customer", kSecond, {}}), base::InvalidInput);
  EXPECT_THROW(match_answers(calls(), answers({}, {}, {}), {"customer", 0, {}}), base::InvalidInput);
  const events::Metric there{"m", "number", events::MetricKind::Number, 0, 0, true};
  EXPECT_THROW(attach_survey(calls(), answers({"x"}, {1}, {5}), {"customer", kSecond, {}}, {there}),
               base::InvalidInput);
}

TEST(Survey, WithoutAnswersComparesNothing) {
  const events::Metric nps{"nps", "nps", events::MetricKind::Nps, 0, 10, true};
  const Surveyed out = attach_survey(calls(), answers({}, {}, {}), {"customer", kSecond, {}}, {nps});
  EXPECT_EQ(out.responses[0].share.value, 0);
  for (const Comparison& row : out.comparisons) EXPECT_TRUE(std::isnan(row.difference));
  EXPECT_EQ(comparison_table(out.comparisons).rows, out.comparisons.size());
  EXPECT_EQ(response_table(out.responses).rows, 3U);
}

TEST(Survey, ResponseRateCountsCustomersCasesAndEvents) {
  const EventLog log = calls();
  const SurveyMatch match = match_answers(log, answers({"x"}, {12}, {9}), {"customer", 5 * kSecond, {}});
  const auto rates = response_rates(log, match);
  EXPECT_NEAR(rates[0].share.value, 1.0 / 2, 1e-12);
  EXPECT_NEAR(rates[1].share.value, 1.0 / 2, 1e-12);
  EXPECT_NEAR(rates[2].share.value, 1.0 / 3, 1e-12);
}

}  // namespace
}  // namespace journeykit::metrics
