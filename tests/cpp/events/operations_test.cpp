#include "journeykit/events/operations.hpp"

#include <gtest/gtest.h>

#include "events/make_log.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::events {
namespace {

using test::kSecond;
using test::make_log;
using test::text_column;

std::vector<std::string> ids(const EventLog& log) { return log.category(Role::Case).dictionary->values; }
using Names = std::vector<std::string>;

TEST(SelectCases, keeps_whole_cases_and_forgets_what_no_longer_occurs) {
  const EventLog log = make_log({{"a", "x", 1}, {"b", "y", 2}, {"b", "z", 3}});
  const EventLog b = select_cases(log, {0, 1});
  EXPECT_EQ(ids(b), (Names{"b"}));
  EXPECT_EQ(b.touchpoint_names(), (Names{"y", "z"}));
}

TEST(SelectCases, keeps_the_end_of_observation_and_the_idle_limit_of_the_whole_log) {
  LogOptions options;
  options.endings = {{}, {}, 5 * kSecond, true};
  const EventLog log = make_log({{"a", "x", 1}, {"b", "y", 100}}, options);
  const EventLog a = select_cases(log, {1, 0});
  EXPECT_EQ(a.observed_until_ns(), 100 * kSecond);
  EXPECT_EQ(case_status(a)[0], CaseStatus::Abandoned);  // its silence is seen in the whole log
  EXPECT_EQ(case_status(with_observed_until(a, 2 * kSecond))[0], CaseStatus::Open);
}

TEST(SelectEvents, refuses_a_mask_of_another_length_and_an_empty_result) {
  const EventLog log = make_log({{"a", "x", 1}, {"a", "y", 2}});
  EXPECT_THROW(select_events(log, {1}), base::InvalidInput);
  EXPECT_THROW(select_events(log, {0, 0}), base::InvalidInput);
  EXPECT_EQ(select_events(log, {0, 1}).touchpoint_names(), (Names{"y"}));
}

TEST(WithTouchpoints, merges_equal_names_and_renames_the_endings) {
  LogOptions options;
  options.endings = {{"pay card"}, {}, 0, true};
  const EventLog log = make_log({{"a", "pay card", 1}, {"b", "pay cash", 2}, {"b", "view", 1}}, options);
  const EventLog merged =
      with_touchpoints(log, {"pay", "pay", "look"});  // names in byte order: pay card, pay cash, view
  EXPECT_EQ(merged.touchpoint_names(), (Names{"look", "pay"}));
  EXPECT_EQ(case_status(merged)[0], CaseStatus::Completed);
  EXPECT_EQ(case_status(merged)[1], CaseStatus::Completed);  // one touchpoint now
  EXPECT_EQ(case_status(log)[1], CaseStatus::Abandoned);
  EXPECT_EQ(with_touchpoints(log, {"pay", "pay", "view"}).touchpoint_names(),
            (Names{"pay", "view"}));  // in order already
}

TEST(CollapseRepeats, keeps_the_first_event_of_a_run_and_the_last_end) {
  LogOptions options;
  options.role(Role::EndTime) = "end";
  const EventLog log = make_log({{"a", "x", 1}, {"a", "x", 3}, {"a", "y", 5}, {"a", "x", 7}}, options,
                                {{"end", base::Times{{2 * kSecond, 4 * kSecond, 6 * kSecond, base::kMissingInteger}}}});
  const EventLog out = collapse_repeats(log);
  ASSERT_EQ(out.event_count(), 3U);
  EXPECT_EQ(out.times()[0], 1 * kSecond);
  EXPECT_EQ(out.end_times()[0], 4 * kSecond);
  EXPECT_EQ(out.end_times()[2], base::kMissingInteger);
}

TEST(Sessions, cut_where_the_pause_is_longer_than_the_gap) {
  // u: 0, 10 | 21 (pause 11 > 10)
  const EventLog log = make_log({{"u", "x", 0}, {"u", "y", 10}, {"u", "z", 21}});
  const EventLog out = sessions(log, 10 * kSecond);
  EXPECT_EQ(ids(out), (Names{"u#1", "u#2"}));
  EXPECT_EQ(out.category(Role::Customer).dictionary->values, (Names{"u"}));
  EXPECT_EQ(customers(out).count, 1U);
  EXPECT_THROW(sessions(log, 0), base::InvalidInput);
}

TEST(Sample, does_not_depend_on_row_order_and_is_nested_in_larger_samples) {
  std::vector<test::Event> rows;
  for (int k = 0; k < 50; ++k) rows.push_back({"case " + std::to_string(k), "x", k});
  const EventLog log = make_log(rows);
  std::reverse(rows.begin(), rows.end());
  const auto ten = ids(sample(log, 10, 7));
  EXPECT_EQ(ten.size(), 10U);
  EXPECT_EQ(ten, ids(sample(make_log(rows), 10, 7)));
  EXPECT_NE(ten, ids(sample(log, 10, 8)));
  const auto twenty = ids(sample(log, 20, 7));
  EXPECT_TRUE(std::includes(twenty.begin(), twenty.end(), ten.begin(), ten.end()));
  EXPECT_EQ(sample(log, 99, 7).case_count(), 50U);
}

TEST(EventsWith, marks_events_by_text_and_refuses_unknown_values) {
  const EventLog log = make_log({{"a", "x", 1}, {"a", "y", 2}}, {}, {{"channel", text_column({"web", ""})}});
  EXPECT_EQ(events_with(log, "channel", {"web"}), (std::vector<std::uint8_t>{1, 0}));
  EXPECT_THROW(events_with(log, "channel", {"phone"}), base::NotFound);
  EXPECT_THROW(events_with(log, "time", {"web"}), base::InvalidInput);
}

TEST(WithColumn, adds_or_replaces_in_log_order) {
  const EventLog log = make_log({{"a", "x", 1}, {"a", "y", 2}});
  const EventLog out = with_column(with_column(log, "n", base::Integers{{1, 2}}), "n", base::Integers{{3, 4}});
  EXPECT_EQ(std::get<base::Integers>(*out.table().at("n").values).values, (std::vector<std::int64_t>{3, 4}));
  EXPECT_THROW(with_column(log, "n", base::Integers{{1}}), base::InvalidInput);
}

TEST(WithColumn, leaves_behind_what_was_counted_in_the_column_it_replaces) {
  LogOptions options;
  options.role(Role::EndTime) = "end";
  options.metrics = {{"csat", "score", MetricKind::Csat, 1, 5, true}};
  const EventLog log = make_log(
      {{"a", "x", 5}, {"a", "y", 6}, {"b", "x", 5}}, options,
      {{"end", base::Times{{4 * kSecond, 9 * kSecond, base::kMissingInteger}}}, {"score", base::Reals{{9, 5, 3}}}});
  const auto counts = [](const EventLog& of) {
    return std::pair(of.quality().ends_before_start, of.quality().out_of_scale[0].second);
  };
  EXPECT_EQ(counts(log), std::pair(1L, 1L));
  EXPECT_EQ(counts(with_column(log, "plan", text_column({"p", "p", "q"}))), std::pair(1L, 1L));
  EXPECT_EQ(counts(with_column(log, "score", base::Reals{{1, 2, 3}})), std::pair(1L, 0L));
  EXPECT_EQ(counts(with_column(log, "score", base::Reals{{1, 7, 8}})), std::pair(1L, 2L));
  EXPECT_EQ(counts(with_column(log, "end", base::Times{{9 * kSecond, 9 * kSecond, 9 * kSecond}})), std::pair(0L, 1L));
  // The same name for another column is another metric.
  EXPECT_EQ(
      with_metric(with_column(log, "other", base::Reals{{1, 1, 1}}), {"csat", "other", MetricKind::Csat, 1, 5, true})
          .quality()
          .out_of_scale[0]
          .second,
      0);
}

}  // namespace
}  // namespace journeykit::events
