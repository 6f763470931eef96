#include "journeykit/metrics/measure.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "events/make_log.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::metrics {
namespace {

using events::EventLog;
using events::LogOptions;
using events::MetricKind;
using events::Role;
using test::kSecond;

// Case a: search, call (answer 9), pay; case b: search (answer 2); the log is over for both.
EventLog shop() {
  LogOptions options;
  options.metrics = {{"nps", "nps", MetricKind::Nps, 0, 10, true}};
  options.endings = {{"pay"}, {}, 5 * kSecond, true};
  options.observed_until_ns = 100 * kSecond;
  const double none = std::nan("");
  return test::make_log({{"a", "search", 0}, {"a", "call", 10}, {"a", "pay", 30}, {"b", "search", 5}}, options,
                        {{"nps", base::Reals{{none, 9, none, 2}}}, {"tier", base::Integers{{2, 2, 2, 1}}}});
}

Measurement run(const EventLog& log, const Measure& what, const By& by = {}) {
  MeasureOptions options;
  options.by = by;
  return measure(log, what, "it", options, base::Cancellation());
}

By by_columns(const std::vector<std::string>& names) {
  By by;
  for (const std::string& name : names) by.keys.push_back({KeyKind::Column, name});
  return by;
}

TEST(Groups, AreTheCombinationsThatOccurInTheOrderOfTheirKeys) {
  const EventLog log = shop();
  const Groups groups =
      group_events(log, by_columns({"tier", "touchpoint"}), WindowOf::Event, touchpoint_mask(log, {}));
  ASSERT_EQ(groups.count, 4U);
  EXPECT_EQ(std::get<base::Integers>(*groups.keys.at("tier").values).values, (std::vector<std::int64_t>{1, 2, 2, 2}));
  EXPECT_EQ(groups.of_event, (std::vector<std::uint32_t>{3, 1, 2, 0}));
}

TEST(Groups, OfNothingAreOneGroupWithoutKeys) {
  const EventLog log = shop();
  const Groups groups = group_events(log, {}, WindowOf::Event, touchpoint_mask(log, {"search"}));
  EXPECT_EQ(groups.count, 1U);
  EXPECT_TRUE(groups.keys.columns.empty());
  EXPECT_EQ(groups.of_event[1], base::kMissingCode);
}

TEST(Groups, PutEachEventIntoTheWindowOfItsTimeOrOfItsCase) {
  const EventLog log = shop();
  By by;
  by.window_starts_ns = {0, 10 * kSecond, 20 * kSecond, 40 * kSecond};
  const auto mask = touchpoint_mask(log, {});
  EXPECT_EQ(group_events(log, by, WindowOf::Event, mask).of_event, (std::vector<std::uint32_t>{0, 1, 2, 0}));
  EXPECT_EQ(group_events(log, by, WindowOf::Case, mask).of_event, (std::vector<std::uint32_t>{0, 0, 0, 0}));
}

TEST(Groups, StopWhenTheirCallerAsks) {
  const EventLog log = shop();
  const base::Cancellation asked([] { return true; });
  std::this_thread::sleep_for(std::chrono::milliseconds(11));  // asked at most every 10 ms
  EXPECT_THROW(group_events(log, by_columns({"tier"}), WindowOf::Event, touchpoint_mask(log, {}), asked),
               base::Cancelled);
}

// So many pairs of keys that those which occur are sorted: 1,500 tiers, each with a touchpoint of its own.
TEST(Groups, OfManyPairsOfKeysStandInTheOrderOfTheirKeys) {
  constexpr std::int64_t n = 1'500;
  std::vector<test::Event> rows;
  base::Integers tier;
  for (std::int64_t k = 0; k < n; ++k) {
    rows.push_back({"c" + std::to_string(10'000 + k), "t" + std::to_string(10'000 + n - k), k});
    tier.values.push_back(k * 7 % n);
  }
  const EventLog log = test::make_log(rows, {}, {{"tier", tier}});
  const Groups groups =
      group_events(log, by_columns({"tier", "touchpoint"}), WindowOf::Event, touchpoint_mask(log, {}));
  ASSERT_EQ(groups.count, n);
  for (std::size_t k = 0; k < groups.of_event.size(); ++k)
    ASSERT_EQ(groups.of_event[k], static_cast<std::uint32_t>(tier.values[k]));
}

TEST(Groups, ByStageNeedAStagePerTouchpoint) {
  const EventLog log = shop();  // call, pay, search
  By by;
  by.keys = {{KeyKind::Stage, "stage"}};
  by.stages = {"Help", "", "Find"};
  const Groups groups = group_events(log, by, WindowOf::Event, touchpoint_mask(log, {}));
  EXPECT_EQ(groups.of_event, (std::vector<std::uint32_t>{0, 1, 2, 0}));  // Find, Help, none
  by.stages = {"Help"};
  EXPECT_THROW(group_events(log, by, WindowOf::Event, touchpoint_mask(log, {})), base::InvalidInput);
}

TEST(Groups, RefuseDecimalsAndUnknownNames) {
  const EventLog log = shop();
  EXPECT_THROW(coded_column(log, "nps"), base::InvalidInput);
  EXPECT_THROW(coded_column(log, "channel"), base::NotFound);
  EXPECT_THROW(coded_column(log, "teir"), base::NotFound);
  EXPECT_THROW(touchpoint_mask(log, {"cal"}), base::NotFound);
}

TEST(Measure, OfScoresHasOneRowPerGroup) {
  const Measurement out = run(shop(), Score{"nps", ScoreNumber::Nps}, by_columns({"touchpoint"}));
  ASSERT_EQ(out.rows.size(), 3U);  // call, pay, search
  EXPECT_EQ(out.rows[0].estimate.value, 100);
  EXPECT_TRUE(std::isnan(out.rows[1].estimate.value));
  EXPECT_EQ(out.rows[2].estimate.value, -100);
  EXPECT_EQ(out.unit, "points");
}

TEST(Measure, OfCasesLeavesOpenOnesOut) {
  const EventLog log = shop();
  EXPECT_NEAR(run(log, CaseShare{CaseOutcome::Completion}).rows[0].estimate.value, 0.5, 1e-12);
  EXPECT_NEAR(run(log, CaseShare{CaseOutcome::SilentExit}).rows[0].estimate.value, 0.5, 1e-12);
  const EventLog open = test::make_log({{"a", "pay", 0}, {"b", "search", 9}}, [] {
    LogOptions options;
    options.endings = {{"pay"}, {}, 100 * kSecond, true};
    return options;
  }());
  EXPECT_EQ(run(open, CaseShare{CaseOutcome::Completion}).rows[0].estimate.n, 1);
}

TEST(Measure, TableNamesAKeyLikeAResultColumnApart) {
  const EventLog log = test::make_log({{"a", "x", 0}}, {}, {{"value", test::text_column({"v"})}});
  MeasureOptions options;
  options.by = by_columns({"value"});
  const auto table =
      measurement_table(measure(log, CaseShare{CaseOutcome::SilentExit}, "it", options, base::Cancellation()), options);
  EXPECT_EQ(table.names().front(), "by_value");
  EXPECT_EQ(table.names().size(), 11U);
}

TEST(Measure, CanBeCancelled) {
  const base::Cancellation asked([] { return true; });
  EXPECT_NO_THROW(run(shop(), Score{"nps", ScoreNumber::Nps}));
  std::vector<test::Event> events;
  for (int k = 0; k < 30'000; ++k) events.push_back({std::to_string(k), "x", k});
  const EventLog log = test::make_log(events);
  MeasureOptions options;
  options.by = by_columns({"case"});
  EXPECT_THROW(
      {
        for (int k = 0; k < 100; ++k) measure(log, CaseShare{CaseOutcome::SilentExit}, "it", options, asked);
      },
      base::Cancelled);
}

TEST(Contacts, AreJoinedWithinAnIssueAndOrderedByCustomer) {
  LogOptions options;
  options.role(Role::Customer) = "customer";
  const EventLog log = test::make_log(
      {{"p", "call", 0}, {"p", "call", 500}, {"q", "call", 600}, {"r", "call", 10}}, options,
      {{"customer", test::text_column({"x", "x", "x", "y"})}, {"issue", test::text_column({"bill", "", "login", ""})}});
  const auto contacts = contacts_of(log, {{"call"}, "issue", 900 * kSecond});
  ASSERT_EQ(contacts.size(), 3U);  // x about the bill (the second takes the issue of its case), x about login, y
  EXPECT_EQ(contacts[0].end_ns, 500 * kSecond);
  EXPECT_FALSE(same_chain(contacts, 1));
  EXPECT_EQ(contacts_of(log, {{"call"}, std::nullopt, 900 * kSecond}).size(), 2U);
  EXPECT_THROW(contacts_of(log, {{"call"}, std::nullopt, -1}), base::InvalidInput);
}

TEST(Waits, RunToTheNextAnswerOfTheCase) {
  LogOptions options;
  options.endings = {{}, {}, 50 * kSecond, true};
  const EventLog log = test::make_log({{"a", "ask", 0},
                                       {"a", "ask", 5},
                                       {"a", "reply", 9},
                                       {"b", "ask", 0},
                                       {"c", "ask", 80},
                                       {"d", "ask", 1},
                                       {"d", "gone", 4},
                                       {"d", "ask", 90}},
                                      options);
  const Waits found = waits_of(log, {std::nullopt, {"ask"}, {"reply"}, {"gone"}});
  ASSERT_EQ(found.waits.size(), 5U);
  EXPECT_EQ(found.waits[0].length_ns, 9 * kSecond);
  EXPECT_EQ(found.waits[0].end, WaitEnd::Answered);
  EXPECT_EQ(found.waits[1].end, WaitEnd::Unanswered);
  EXPECT_EQ(found.waits[2].end, WaitEnd::Open);
  EXPECT_EQ(found.waits[2].length_ns, 10 * kSecond);
  EXPECT_EQ(found.waits[3].end, WaitEnd::Abandoned);
  EXPECT_EQ(found.waits[4].end, WaitEnd::Open);
}

TEST(Waits, RefuseWhatIsNoWait) {
  const EventLog log = shop();
  EXPECT_THROW(waits_of(log, {}), base::InvalidInput);
  EXPECT_THROW(waits_of(log, {"nps", {}, {"pay"}, {}}), base::InvalidInput);
  EXPECT_THROW(waits_of(log, {"touchpoint", {}, {}, {}}), base::InvalidInput);
  EXPECT_THROW(waits_of(log, {"tier", {}, {}, {"no"}}), base::NotFound);
  EXPECT_EQ(waits_of(log, {"tier", {"search"}, {}, {}}).waits.size(), 2U);
}

// SCIENCE notes §3: answered 180 (150 in T), abandoned 20 (8 before t0): 0.75, 0.833333, 0.78125, 0.79. For the last
// the 8 gave up within T, so that the threshold lies between them and the other 12.
TEST(ServiceLevel, HasFourNamedDenominators) {
  LogOptions options;
  options.role(Role::Outcome) = "how";
  std::vector<test::Event> events;
  base::Integers seconds;
  std::vector<std::string> how;
  for (int k = 0; k < 200; ++k) {
    events.push_back({std::to_string(1000 + k), "call", k});
    seconds.values.push_back(k < 150 ? 60 : k < 180 ? 300 : k < 188 ? 2 : 130);
    how.push_back(k < 180 ? "answered" : "gone");
  }
  const EventLog log = test::make_log(events, options, {{"wait", seconds}, {"how", test::text_column(how)}});
  ServiceLevel what{{"wait", {}, {}, {"gone"}}, 120 * kSecond, ServiceDenominator::Offered, 5 * kSecond};
  const auto level = [&](ServiceDenominator denominator) {
    what.denominator = denominator;
    return run(log, what).rows[0].estimate.value;
  };
  EXPECT_NEAR(level(ServiceDenominator::Offered), 0.75, 1e-12);
  EXPECT_NEAR(level(ServiceDenominator::Answered), 0.833333, 5e-7);
  EXPECT_NEAR(level(ServiceDenominator::OfferedLessShortAbandons), 0.78125, 1e-12);
  EXPECT_NEAR(level(ServiceDenominator::AbandonedInTimeCount), 0.79, 1e-12);
  what.within_ns = 0;
  EXPECT_THROW(level(ServiceDenominator::Offered), base::InvalidInput);
}

// Every measure on random logs with strange options: for the sanitizers, and each number within its bounds.
TEST(Measure, StaysInBoundsOnRandomLogs) {
  std::mt19937 random(11);
  const std::vector<std::string> names{"call", "chat", "reply", "gone", "pay"};
  for (int run_number = 0; run_number < 200; ++run_number) {
    std::vector<test::Event> events;
    std::vector<std::string> customer, channel;
    base::Reals csat;
    const auto count = 2 + random() % 30;
    for (std::size_t k = 0; k < count; ++k) {
      const auto c = random() % 8;
      events.push_back({std::to_string(c),
                        k == 0   ? "reply"
                        : k == 1 ? "pay"
                                 : names[random() % 5],
                        static_cast<std::int64_t>(random() % 60)});
      customer.push_back(random() % 5 == 0 ? "" : std::to_string(c / 2));
      channel.push_back(random() % 3 == 0 ? "" : "web");
      csat.values.push_back(random() % 2 == 0 ? std::nan("") : static_cast<double>(random() % 7));
    }
    LogOptions options;
    options.role(Role::Customer) = "customer";
    options.role(Role::Channel) = "channel";
    options.metrics = {{"csat", "csat", MetricKind::Csat, 1, 5, random() % 2 == 0}};
    options.endings = {{"pay"}, {}, 20 * kSecond, true};
    options.observed_until_ns = static_cast<std::int64_t>(random() % 90) * kSecond;
    const EventLog log = test::make_log(
        events, options,
        {{"customer", test::text_column(customer)}, {"channel", test::text_column(channel)}, {"csat", csat}});
    const ContactRule contact{{"reply"}, "channel", kSecond};
    const WaitRule wait{std::nullopt, {}, {"reply"}, {}};
    const std::vector<Measure> shares{Score{"csat", ScoreNumber::TopShare},
                                      Score{"csat", ScoreNumber::Distribution},
                                      Score{"csat", ScoreNumber::EasyShare, 2, true},
                                      Fcr{contact, 9 * kSecond, RightEdge::KaplanMeier, {}},
                                      Fcr{contact, 9 * kSecond, RightEdge::MatureOnly, {}},
                                      Fcr{contact, 9 * kSecond, RightEdge::KaplanMeier, {"reply"}},
                                      RepeatContacts{contact, 9 * kSecond},
                                      ServiceLevel{wait, kSecond, ServiceDenominator::Offered, 0},
                                      Abandonment{wait},
                                      CaseShare{CaseOutcome::Completion},
                                      CaseShare{CaseOutcome::DropOff},
                                      Transfers{"channel", true}};
    const std::vector<Measure> amounts{ContactRate{contact, ContactsPer::Case, 0},
                                       ContactRate{contact, ContactsPer::Period, kSecond},
                                       ResponseTime{wait, {true, 0}},
                                       ResponseTime{wait, {false, 0.9}},
                                       ResolutionTime{{false, 0.5}},
                                       ResolutionTime{{true, 0}},
                                       Transfers{"channel", false}};
    const auto check = [&](const Measure& what, double most) {
      for (const Measured& row : run(log, what, by_columns({"channel", "touchpoint"})).rows) {
        const Estimate& e = row.estimate;
        EXPECT_FALSE(e.method.empty());
        if (std::isnan(e.value)) {
          EXPECT_TRUE(std::isnan(e.low));
          EXPECT_NE(e.warning.find("no data"), std::string::npos);
          continue;
        }
        EXPECT_GE(e.value, 0);
        EXPECT_LE(e.value, most);
        EXPECT_FALSE(e.low > e.value || e.high < e.value || e.low < 0 || e.high > most);
        EXPECT_LE(e.customers, e.n);
      }
    };
    for (const Measure& what : shares) check(what, 1);
    for (const Measure& what : amounts) check(what, std::numeric_limits<double>::infinity());
  }
}

}  // namespace
}  // namespace journeykit::metrics
