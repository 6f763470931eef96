#include "journeykit/events/log.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "events/make_log.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::events {
namespace {

using test::kSecond;
using test::make_log;
using test::text_column;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> path(const EventLog& log, std::size_t c) {
  std::vector<std::string> out;
  for (auto k = log.case_offsets()[c]; k < log.case_offsets()[c + 1]; ++k)
    out.push_back(log.touchpoint_names()[log.touchpoints()[k]]);
  return out;
}
using Path = std::vector<std::string>;

TEST(EventLog, orders_events_by_case_time_and_input_row) {
  // "2": b@1 a@5   "1": c@3, then x and y both @4 in input order
  const EventLog log = make_log({{"2", "a", 5}, {"1", "x", 4}, {"1", "y", 4}, {"2", "b", 1}, {"1", "c", 3}});
  ASSERT_EQ(log.case_count(), 2U);
  EXPECT_EQ(log.case_id(0), "1");
  EXPECT_EQ(path(log, 0), (Path{"c", "x", "y"}));
  EXPECT_EQ(path(log, 1), (Path{"b", "a"}));
  EXPECT_EQ(log.quality().tied_events, 1);
  EXPECT_EQ(log.quality().out_of_order_rows, 2);  // b@1 after a@5, c@3 after @4
}

TEST(EventLog, an_order_column_resolves_ties_and_missing_order_comes_last) {
  LogOptions options;
  options.role(Role::Order) = "step";
  const EventLog log = make_log({{"1", "x", 4}, {"1", "y", 4}, {"1", "z", 4}}, options,
                                {{"step", base::Integers{{base::kMissingInteger, 2, 1}}}});
  EXPECT_EQ(path(log, 0), (Path{"z", "y", "x"}));
  EXPECT_EQ(log.quality().tied_events, 0);
}

TEST(EventLog, an_order_column_counts_to_its_last_digit) {
  // 2^60 and 2^60 + 1 are one double; so are two times 1 ns apart.
  constexpr std::int64_t large = std::int64_t{1} << 60U;
  LogOptions options;
  options.role(Role::Order) = "step";
  for (const base::Values& step :
       std::vector<base::Values>{base::Integers{{large + 1, large, -large}}, base::Times{{large + 1, large, -large}},
                                 base::Reals{{std::numeric_limits<double>::infinity(), -0.5, -1e300}}}) {
    const EventLog log = make_log({{"1", "x", 4}, {"1", "y", 4}, {"1", "z", 4}}, options, {{"step", step}});
    EXPECT_EQ(path(log, 0), (Path{"z", "y", "x"}));
    EXPECT_EQ(log.quality().tied_events, 0);
  }
  const EventLog zeros = make_log({{"1", "x", 4}, {"1", "y", 4}}, options, {{"step", base::Reals{{0.0, -0.0}}}});
  EXPECT_EQ(path(zeros, 0), (Path{"x", "y"}));
  EXPECT_EQ(zeros.quality().tied_events, 1);
}

TEST(EventLog, an_end_of_observation_centuries_away_leaves_no_case_undecided) {
  LogOptions options;
  options.endings.idle_ns = kSecond;
  options.observed_until_ns = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(case_status(make_log({{"1", "x", -5}}, options)), (std::vector{CaseStatus::Abandoned}));
  options.observed_until_ns = std::numeric_limits<std::int64_t>::min() + 1;
  EXPECT_EQ(case_status(make_log({{"1", "x", 5}}, options)), (std::vector{CaseStatus::Open}));
}

TEST(EventLog, codes_do_not_depend_on_row_order) {
  const EventLog a = make_log({{"1", "x", 1}, {"1", "y", 2}, {"2", "z", 3}});
  const EventLog b = make_log({{"2", "z", 3}, {"1", "y", 2}, {"1", "x", 1}});
  EXPECT_EQ(a.category(Role::Touchpoint).codes, b.category(Role::Touchpoint).codes);
  EXPECT_EQ(a.touchpoint_names(), b.touchpoint_names());
}

TEST(EventLog, integer_identifiers_become_text) {
  base::Table table;
  table.add("id", base::Integers{{7, -1}});
  table.add("what", base::Booleans{{1, 0}});
  table.add("when", base::Times{{0, 0}});
  LogOptions options;
  options.role(Role::Case) = "id";
  options.role(Role::Touchpoint) = "what";
  options.role(Role::Time) = "when";
  const EventLog log = EventLog::make(table, options);
  EXPECT_EQ(log.case_id(0), "-1");
  EXPECT_EQ(path(log, 1), (Path{"true"}));
}

TEST(EventLog, decimal_identifiers_are_refused) {
  LogOptions options;
  options.role(Role::Customer) = "who";
  EXPECT_THROW(make_log({{"1", "x", 1}}, options, {{"who", base::Reals{{1.0}}}}), base::InvalidInput);
}

TEST(EventLog, a_row_without_a_touchpoint_is_refused_or_dropped_and_counted) {
  base::Table table;
  table.add("case", base::categorize({"1", "1"}));
  table.add("touchpoint", text_column({"", "x"}));
  table.add("time", base::Times{{1, 2}});
  LogOptions options;
  options.role(Role::Case) = "case";
  options.role(Role::Touchpoint) = "touchpoint";
  options.role(Role::Time) = "time";
  try {
    EventLog::make(table, options);
    FAIL() << "accepted a row without a touchpoint";
  } catch (const base::InvalidInput& e) {
    EXPECT_NE(std::string(e.what()).find("touchpoint column 'touchpoint' has no value in row 0"), std::string::npos)
        << e.what();
  }
  options.drop_missing = true;
  const EventLog log = EventLog::make(table, options);
  EXPECT_EQ(log.event_count(), 1U);
  EXPECT_EQ(log.quality().rows_dropped, 1);
}

TEST(EventLog, answers_outside_the_scale_become_missing_and_are_counted) {
  LogOptions options;
  options.metrics = {{"nps", "score", MetricKind::Nps, 0, 10, true}};
  const EventLog log = make_log({{"1", "x", 1}, {"1", "x", 2}, {"1", "x", 3}, {"1", "x", 4}, {"1", "x", 5}}, options,
                                {{"score", base::Reals{{10, 11, -1, 4.5, kNaN}}}});
  EXPECT_EQ(log.metric_values("nps")[0], 10);
  for (std::size_t k = 1; k < 5; ++k) EXPECT_TRUE(std::isnan(log.metric_values("nps")[k])) << k;
  EXPECT_EQ(log.quality().out_of_scale[0].second, 3);
  EXPECT_THROW(log.metric_values("csat"), base::NotFound);
}

TEST(EventLog, an_end_before_its_start_is_set_to_missing_and_counted) {
  LogOptions options;
  options.role(Role::EndTime) = "end";
  const EventLog log =
      make_log({{"1", "x", 5}, {"1", "y", 6}}, options, {{"end", base::Times{{4 * kSecond, 9 * kSecond}}}});
  EXPECT_EQ(log.end_times()[0], base::kMissingInteger);
  EXPECT_EQ(log.end_times()[1], 9 * kSecond);
  EXPECT_EQ(log.quality().ends_before_start, 1);
}

TEST(EventLog, times_of_two_eras_are_refused) {
  base::Table table;
  table.add("case", base::categorize({"1", "1"}));
  table.add("touchpoint", base::categorize({"x", "y"}));
  table.add("time",
            base::Times{{std::numeric_limits<std::int64_t>::min() + 1, std::numeric_limits<std::int64_t>::max()}});
  LogOptions options;
  options.role(Role::Case) = "case";
  options.role(Role::Touchpoint) = "touchpoint";
  options.role(Role::Time) = "time";
  EXPECT_THROW(EventLog::make(table, options), base::InvalidInput);
}

TEST(EventLog, an_empty_log_has_no_case) {
  const EventLog log = make_log({});
  EXPECT_EQ(log.case_count(), 0U);
  EXPECT_TRUE(case_status(log).empty());
  EXPECT_EQ(case_table(log).rows, 0U);
}

TEST(EventLog, a_missing_role_says_how_to_name_it) {
  const EventLog log = make_log({{"1", "x", 1}});
  EXPECT_FALSE(log.has(Role::Channel));
  EXPECT_THROW(log.category(Role::Channel), base::NotFound);
  EXPECT_TRUE(log.end_times().empty());
}

TEST(CaseStatus, by_touchpoint_completed_wins_over_failed_and_silence_tells_open_from_abandoned) {
  // a: buys, then errs   b: errs   c: silent since 10 s   d: last event 3 s before the end   idle limit 5 s
  LogOptions options;
  options.endings = {{"buy"}, {"error"}, 5 * kSecond, true};
  const EventLog log = make_log(
      {{"a", "buy", 1}, {"a", "error", 2}, {"b", "error", 3}, {"c", "view", 90}, {"d", "view", 97}, {"e", "buy", 100}},
      options);
  EXPECT_EQ(case_status(log), (std::vector<CaseStatus>{CaseStatus::Completed, CaseStatus::Failed, CaseStatus::Abandoned,
                                                       CaseStatus::Open, CaseStatus::Completed}));
}

TEST(CaseStatus, by_outcome_the_last_known_value_decides) {
  LogOptions options;
  options.role(Role::Outcome) = "won";
  options.endings = {{"yes"}, {"no"}, 0, true};
  const EventLog log = make_log({{"a", "x", 1}, {"a", "y", 2}, {"a", "z", 3}, {"b", "x", 1}}, options,
                                {{"won", text_column({"yes", "no", "", ""})}});
  EXPECT_EQ(case_status(log), (std::vector<CaseStatus>{CaseStatus::Failed, CaseStatus::Abandoned}));
}

TEST(IdleLimit, is_the_95th_percentile_of_few_gaps_and_of_many) {
  for (const std::int64_t gaps : {1, 19, 20, 3'839, 3'840, 20'000}) {  // more than 3,840 are counted in buckets
    std::vector<test::Event> rows{{"a", "x", 0}};
    for (std::int64_t k = 0; k < gaps; ++k) rows.push_back({"a", "x", rows.back().seconds + 1 + k * 7919 % gaps});
    const EventLog log = test::make_log(rows);  // 7919 is prime: gaps of 1, 2, …, n s in some order
    EXPECT_EQ(log.idle_limit_ns(), (gaps * 95 + 99) / 100 * kSecond) << gaps;
  }
}

TEST(IdleLimit, is_the_nearest_rank_95th_percentile_of_the_gaps) {
  // 20 gaps of 1, 2, …, 20 s: rank ceil(.95 · 20) = 19 → 19 s
  std::vector<test::Event> rows = {{"a", "x", 0}};
  std::int64_t at = 0;
  for (int gap = 1; gap <= 20; ++gap) rows.push_back({"a", "x", at += gap});
  const EventLog log = make_log(rows);
  EXPECT_EQ(log.idle_limit_ns(), 19 * kSecond);
  EXPECT_FALSE(log.options().endings.idle_given);
  EXPECT_EQ(log.observed_until_ns(), at * kSecond);
}

TEST(CheckEndings, refuses_an_ending_that_never_occurs_or_means_two_things) {
  LogOptions options;
  options.endings = {{"bought"}, {}, std::nullopt, false};
  EXPECT_THROW(check_endings(make_log({{"a", "buy", 1}}, options)), base::InvalidInput);
  options.endings = {{"buy"}, {"buy"}, std::nullopt, false};
  EXPECT_THROW(check_endings(make_log({{"a", "buy", 1}}, options)), base::InvalidInput);
}

TEST(Customers, are_the_first_known_customer_of_each_case_and_the_case_itself_where_none_is_known) {
  LogOptions options;
  options.role(Role::Customer) = "who";
  const EventLog log = make_log({{"a", "x", 1}, {"a", "y", 2}, {"b", "x", 1}, {"c", "x", 1}}, options,
                                {{"who", text_column({"", "Li", "Li", ""})}});
  const Customers found = customers(log);
  EXPECT_EQ(found.count, 2U);
  EXPECT_EQ(found.of_case[0], found.of_case[1]);
  EXPECT_NE(found.of_case[0], found.of_case[2]);
}

}  // namespace
}  // namespace journeykit::events
