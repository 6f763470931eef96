#include "journeykit/discovery/paths.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "discovery/log_of_paths.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/discovery/rework.hpp"
#include "journeykit/discovery/variants.hpp"

namespace journeykit::discovery {
namespace {

using test::integers;
using test::log_of;
using test::make_log;
using test::reals;
using test::texts;
using Counts = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

const base::Cancellation kNeverCancelled;

TEST(Variants, StandByCasesThenByName) {
  const auto log = log_of({"AC", "AB", "AB", "B", "AC"});
  const Segments all = segments(log, {});
  const auto found = variants(log, all, kNeverCancelled);
  const base::Table table = variant_table(log, all, found);
  EXPECT_EQ(integers(table, "cases"), (Counts{2, 2, 1}));
  EXPECT_EQ(texts(table, "example_case"), (Names{"1", "0", "3"}));
  EXPECT_EQ(integers(table, "steps"), (Counts{2, 2, 1}));
  EXPECT_DOUBLE_EQ(reals(table, "share")[0], 0.4);
  EXPECT_DOUBLE_EQ(reals(table, "median_seconds")[0], 10);
  EXPECT_EQ(texts(variant_steps(log, found), "touchpoint"), (Names{"A", "B", "A", "C", "B"}));
}

TEST(Variants, APrefixComesBeforeWhatGoesOn) {
  const auto log = log_of({"ABC", "AB"});
  EXPECT_EQ(variants(log, segments(log, {}), kNeverCancelled)[0].example_case, 1U);
}

TEST(Variants, OfMoreStepsThanAKeyHoldsStandByName) {
  // Two touchpoints: 2 bits a letter, 32 letters a key.
  const std::string shared(40, 'A');
  const auto log = log_of({shared + "BA", shared + "AB", shared, shared + "AB", shared + "A"});
  const auto found = variants(log, segments(log, {}), kNeverCancelled);
  std::vector<std::uint32_t> examples;
  for (const Variant& variant : found) examples.push_back(variant.example_case);
  EXPECT_EQ(examples, (std::vector<std::uint32_t>{1, 2, 4, 0}));
}

TEST(Variants, KeepSegmentsApart) {
  const auto log = make_log({{"1", "A", 0}, {"2", "A", 0}}, {}, {{"plan", test::text_column({"x", "y"})}});
  EXPECT_EQ(variants(log, segments(log, {"plan"}), kNeverCancelled).size(), 2U);
}

TEST(Variants, OfAnEmptyLogAreNone) {
  const auto log = log_of({});
  const Segments all = segments(log, {});
  const auto none = variants(log, all, kNeverCancelled);
  EXPECT_EQ(variant_table(log, all, none).rows, 0U);
  EXPECT_EQ(variant_steps(log, none).rows, 0U);
}

TEST(CaseDurations, AreNoDataWithoutCases) {
  const auto log = log_of({});
  const base::Table table = case_duration_table(log, segments(log, {}));
  EXPECT_EQ(integers(table, "cases"), Counts{0});
  EXPECT_TRUE(std::isnan(reals(table, "mean_seconds")[0]));
}

TEST(Rework, TellsLoopsFromReturns) {
  // A A B A: A comes again directly once and after B once. B B: directly. C: never.
  const auto log = log_of({"AABA", "BB", "AC"});
  const Rework found = rework(log, segments(log, {}), kNeverCancelled);
  EXPECT_EQ(texts(found.touchpoints, "touchpoint"), (Names{"A", "B", "C"}));
  EXPECT_EQ(integers(found.touchpoints, "cases"), (Counts{2, 2, 1}));
  EXPECT_EQ(integers(found.touchpoints, "repeating_cases"), (Counts{1, 1, 0}));
  EXPECT_EQ(integers(found.touchpoints, "repeats"), (Counts{2, 1, 0}));
  EXPECT_EQ(integers(found.touchpoints, "self_loops"), (Counts{1, 1, 0}));
  EXPECT_EQ(integers(found.touchpoints, "returns"), (Counts{1, 0, 0}));
  EXPECT_EQ(integers(found.all, "repeating_cases"), Counts{2});
  EXPECT_EQ(integers(found.all, "cases"), Counts{3});
}

TEST(StepMatrix, ColumnsAddUpToOneWithTheEndedCases) {
  const auto log = log_of({"ABC", "AB", "B"});
  const base::Table table = step_matrix(log, segments(log, {}), 4, false, kNeverCancelled);
  EXPECT_EQ(texts(table, "touchpoint"), (Names{"B", "A", "C", "-"}));
  EXPECT_DOUBLE_EQ(reals(table, "step_1")[0], 1.0 / 3);
  EXPECT_DOUBLE_EQ(reals(table, "step_1")[1], 2.0 / 3);
  EXPECT_DOUBLE_EQ(reals(table, "step_2")[3], 1.0 / 3);
  EXPECT_DOUBLE_EQ(reals(table, "step_3")[2], 1.0 / 3);
  EXPECT_DOUBLE_EQ(reals(table, "step_4")[3], 1);
  EXPECT_EQ(integers(step_matrix(log, segments(log, {}), 2, true, kNeverCancelled), "step_2"), (Counts{2, 0, 1}));
}

TEST(StepMatrix, RefusesNoSteps) {
  const auto log = log_of({"A"});
  EXPECT_THROW(step_matrix(log, segments(log, {}), 0, false, kNeverCancelled), base::InvalidInput);
  EXPECT_THROW(step_matrix(log, segments(log, {}), 1001, false, kNeverCancelled), base::InvalidInput);
}

base::Table funnel_of(const events::EventLog& log, std::vector<std::vector<std::string>> steps,
                      std::optional<std::int64_t> within_seconds = {}) {
  if (within_seconds) *within_seconds *= test::kSecond;
  return funnel(log, segments(log, {}), {std::move(steps), within_seconds}, kNeverCancelled);
}

TEST(Funnel, CountsTheDeepestStepReachedInOrder) {
  // ABC: 3 steps; AXBXA: 2; BA: 1 (B before A does not count); C: 0.
  const base::Table table = funnel_of(log_of({"ABC", "AXBXA", "BA", "C"}), {{"A"}, {"B"}, {"C"}});
  EXPECT_EQ(texts(table, "name"), (Names{"A", "B", "C"}));
  EXPECT_EQ(integers(table, "cases"), (Counts{3, 2, 1}));
  EXPECT_DOUBLE_EQ(reals(table, "share_of_all")[0], 0.75);
  EXPECT_DOUBLE_EQ(reals(table, "share_of_first")[2], 1.0 / 3);
  EXPECT_DOUBLE_EQ(reals(table, "share_of_previous")[2], 0.5);
  EXPECT_TRUE(std::isnan(reals(table, "share_of_previous")[0]));
  EXPECT_DOUBLE_EQ(reals(table, "median_seconds_from_previous")[1], 15);  // 10 and 20
  EXPECT_DOUBLE_EQ(reals(table, "median_seconds_from_first")[2], 20);
}

TEST(Funnel, WithALimitALaterStartMayComeDeeper) {
  // A(0) A(20) B(30) C(40): from the first A nothing follows within 25 s, from the second both do.
  const auto log = make_log({{"1", "A", 0}, {"1", "A", 20}, {"1", "B", 30}, {"1", "C", 40}});
  EXPECT_EQ(integers(funnel_of(log, {{"A"}, {"B"}, {"C"}}, 25), "cases"), (Counts{1, 1, 1}));
  EXPECT_EQ(integers(funnel_of(log, {{"A"}, {"B"}, {"C"}}, 19), "cases"), (Counts{1, 1, 0}));
  EXPECT_DOUBLE_EQ(reals(funnel_of(log, {{"A"}, {"B"}, {"C"}}), "median_seconds_from_first")[2], 40);
}

TEST(Funnel, AStepMayBeAnyOfSeveralAndComeTwice) {
  const auto log = log_of({"AYA", "XA", "A"});
  EXPECT_EQ(integers(funnel_of(log, {{"A"}, {"X", "Y"}, {"A"}}), "cases"), (Counts{3, 1, 1}));
  EXPECT_EQ(integers(funnel_of(log, {{"A"}, {"A"}}), "cases"), (Counts{3, 1}));
  EXPECT_EQ(texts(funnel_of(log, {{"X", "Y"}}), "name"), Names{"X | Y"});
}

TEST(Funnel, SaysWhichCasesAreStillOpen) {
  events::LogOptions options;
  options.endings.idle_ns = 50 * test::kSecond;
  const auto log = make_log({{"1", "A", 0}, {"2", "A", 90}, {"3", "A", 95}, {"3", "B", 100}}, options);
  EXPECT_EQ(integers(funnel_of(log, {{"A"}, {"B"}}), "open_cases"), (Counts{1, 1}));
}

TEST(Funnel, WithoutReachedStepsGivesNoData) {
  const base::Table table = funnel_of(log_of({"BA"}), {{"A"}, {"B"}});
  EXPECT_TRUE(std::isnan(reals(table, "median_seconds_from_first")[1]));
  EXPECT_DOUBLE_EQ(reals(table, "share_of_previous")[1], 0);
}

TEST(Funnel, RefusesUnknownTouchpointsAndEmptySteps) {
  const auto log = log_of({"AB"});
  EXPECT_THROW(funnel_of(log, {{"Z"}}), base::NotFound);
  EXPECT_THROW(funnel_of(log, {{"A"}, {}}), base::InvalidInput);
  EXPECT_THROW(funnel_of(log, {}), base::InvalidInput);
}

using Mask = std::vector<std::uint8_t>;

TEST(CasesAlong, FollowContainsStartsAndEnds) {
  const auto log = log_of({"ABC", "AC", "BCA"});
  PathFilter filter;
  filter.contains = {"A", "B"};
  EXPECT_EQ(cases_along(log, filter, kNeverCancelled), (Mask{1, 0, 1}));
  filter.starts = {"A", "C"};
  EXPECT_EQ(cases_along(log, filter, kNeverCancelled), (Mask{1, 0, 0}));
  filter.negate = true;
  EXPECT_EQ(cases_along(log, filter, kNeverCancelled), (Mask{0, 1, 1}));
  filter = {};
  filter.ends = {"A"};
  EXPECT_EQ(cases_along(log, filter, kNeverCancelled), (Mask{0, 0, 1}));
}

TEST(CasesAlong, FollowedBeganWithinTheLimitOfAnySource) {
  // The later A is near enough to B although the first is not.
  const auto log = make_log({{"1", "A", 0},
                             {"1", "A", 50},
                             {"1", "B", 60},
                             {"2", "A", 0},
                             {"2", "X", 5},
                             {"2", "B", 60},
                             {"3", "B", 0},
                             {"3", "A", 1}});
  PathFilter filter;
  filter.follows = Follows{"A", "B", {}, false};
  EXPECT_EQ(cases_along(log, filter, kNeverCancelled), (Mask{1, 1, 0}));
  filter.follows->within_ns = 10 * test::kSecond;
  EXPECT_EQ(cases_along(log, filter, kNeverCancelled), (Mask{1, 0, 0}));
  filter.follows = Follows{"A", "B", {}, true};
  EXPECT_EQ(cases_along(log, filter, kNeverCancelled), (Mask{1, 0, 0}));
  filter.follows = Follows{"A", "A", {}, false};  // the same touchpoint again
  EXPECT_EQ(cases_along(log, filter, kNeverCancelled), (Mask{1, 0, 0}));
}

TEST(CasesAlong, RefusesNoConditionAndUnknownTouchpoints) {
  const auto log = log_of({"AB"});
  EXPECT_THROW(cases_along(log, {}, kNeverCancelled), base::InvalidInput);
  PathFilter filter;
  filter.contains = {"Z"};
  EXPECT_THROW(cases_along(log, filter, kNeverCancelled), base::NotFound);
}

}  // namespace
}  // namespace journeykit::discovery
