#include "journeykit/discovery/directly_follows.hpp"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "events/make_log.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/base/random.hpp"

namespace journeykit::discovery {
namespace {

using events::LogOptions;
using events::Role;
using test::make_log;

const base::Cancellation kNeverCancelled;

DirectlyFollows graph_of(const events::EventLog& log, unsigned threads = 1) {
  return directly_follows(log, {threads}, kNeverCancelled);
}

TEST(DirectlyFollows, CountsStepsStartsAndEndsByHand) {
  //  1: A →10s→ B →20s→ A →5s→ B        2: A →40s→ B
  const auto log =
      make_log({{"1", "A", 0}, {"1", "B", 10}, {"1", "A", 30}, {"1", "B", 35}, {"2", "A", 100}, {"2", "B", 140}});
  const DirectlyFollows graph = graph_of(log);
  ASSERT_EQ(graph.edges.size(), 2U);
  EXPECT_EQ(graph.edges[0].source, 0U);
  EXPECT_EQ(graph.edges[0].target, 1U);
  EXPECT_EQ(graph.edges[0].count, 3);
  EXPECT_EQ(graph.edges[0].cases, 2);
  const journey::TimeSummary& times = graph.edges[0].times;  // 5, 10, 40
  EXPECT_EQ(times.n, 3);
  EXPECT_DOUBLE_EQ(times.mean_seconds, 55.0 / 3);
  EXPECT_DOUBLE_EQ(times.median_seconds, 10);
  EXPECT_DOUBLE_EQ(times.p90_seconds, 10 + 0.8 * 30);  // rank 0.9 · 2 = 1.8
  EXPECT_DOUBLE_EQ(times.min_seconds, 5);
  EXPECT_DOUBLE_EQ(times.max_seconds, 40);
  EXPECT_EQ(graph.edges[1].count, 1);
  EXPECT_DOUBLE_EQ(graph.edges[1].times.median_seconds, 20);
  EXPECT_EQ(graph.touchpoints[0].events, 3);
  EXPECT_EQ(graph.touchpoints[0].cases, 2);
  EXPECT_EQ(graph.touchpoints[0].starts, 2);
  EXPECT_EQ(graph.touchpoints[0].ends, 0);
  EXPECT_EQ(graph.touchpoints[1].ends, 2);
  EXPECT_EQ(graph.cases, 2);
  EXPECT_EQ(graph.events, 6);
}

TEST(DirectlyFollows, MeasuresFromTheEndOfAnEventWhereItHasOne) {
  // A lasts 4 s and B has no end time: A→B 10 - 4 = 6, B→C 15 - 10 = 5.
  LogOptions options;
  options.role(Role::EndTime) = "end";
  const auto log = make_log({{"1", "A", 0}, {"1", "B", 10}, {"1", "C", 15}}, options,
                            {{"end", base::Times{{4 * test::kSecond, base::kMissingInteger, 15 * test::kSecond}}}});
  const DirectlyFollows graph = graph_of(log);
  EXPECT_DOUBLE_EQ(graph.edges[0].times.mean_seconds, 6);
  EXPECT_DOUBLE_EQ(graph.edges[1].times.mean_seconds, 5);
  ASSERT_TRUE(graph.touchpoints[0].duration.has_value());
  EXPECT_DOUBLE_EQ(graph.touchpoints[0].duration->median_seconds, 4);
  EXPECT_FALSE(graph.touchpoints[1].duration.has_value()) << "no end time known is no data, not zero";
  EXPECT_DOUBLE_EQ(graph.touchpoints[2].duration->mean_seconds, 0);
}

TEST(DirectlyFollows, OverlappingEventsGiveANegativeTime) {
  LogOptions options;
  options.role(Role::EndTime) = "end";
  const auto log = make_log({{"1", "A", 0}, {"1", "B", 10}}, options,
                            {{"end", base::Times{{25 * test::kSecond, base::kMissingInteger}}}});
  EXPECT_DOUBLE_EQ(graph_of(log).edges[0].times.min_seconds, -15);
}

TEST(DirectlyFollows, CountsACustomerOnceOverSeveralCases) {
  LogOptions options;
  options.role(Role::Customer) = "customer";
  const auto log = make_log({{"1", "A", 0}, {"2", "A", 5}, {"2", "B", 6}, {"3", "A", 7}}, options,
                            {{"customer", test::text_column({"ann", "bob", "bob", "ann"})}});
  const DirectlyFollows graph = graph_of(log);
  EXPECT_EQ(graph.touchpoints[0].cases, 3);
  EXPECT_EQ(graph.touchpoints[0].customers, 2);
  EXPECT_EQ(graph.customers, 2);
}

TEST(DirectlyFollows, SaysHowManyEndsAreStillOpen) {
  LogOptions options;
  options.endings.idle_ns = 50 * test::kSecond;
  const auto log = make_log({{"1", "A", 0}, {"2", "A", 90}, {"3", "B", 100}}, options);
  const DirectlyFollows graph = graph_of(log);
  EXPECT_EQ(graph.touchpoints[0].ends, 2);
  EXPECT_EQ(graph.touchpoints[0].open_ends, 1);  // case 1 fell silent 100 s before the end of the log
  EXPECT_EQ(graph.touchpoints[1].open_ends, 1);
}

TEST(DirectlyFollows, OfAnEmptyLogIsEmpty) {
  const DirectlyFollows graph = graph_of(make_log({}));
  EXPECT_TRUE(graph.edges.empty());
  EXPECT_TRUE(graph.touchpoints.empty());
  EXPECT_EQ(graph.cases, 0);
}

TEST(DirectlyFollows, OfOneEventHasNoEdge) {
  const DirectlyFollows graph = graph_of(make_log({{"1", "A", 0}}));
  EXPECT_TRUE(graph.edges.empty());
  EXPECT_EQ(graph.touchpoints[0].starts, 1);
  EXPECT_EQ(graph.touchpoints[0].ends, 1);
}

TEST(DirectlyFollows, BreaksTiesOfEdgesByName) {
  const auto log = make_log({{"1", "b", 0}, {"1", "a", 1}, {"2", "a", 0}, {"2", "c", 1}, {"3", "a", 0}, {"3", "b", 1}});
  const DirectlyFollows graph = graph_of(log);
  const auto& names = log.touchpoint_names();
  std::string text;
  for (const Edge& edge : graph.edges) text += names[edge.source] + names[edge.target] + " ";
  EXPECT_EQ(text, "ab ac ba ");
}

TEST(DirectlyFollows, RefusesTimesThreeHundredYearsApart) {
  LogOptions options;
  options.role(Role::EndTime) = "end";
  const std::int64_t far = std::numeric_limits<std::int64_t>::max();
  const auto log = make_log({{"1", "A", -9'000'000'000}, {"1", "B", -1'000'000'000}}, options,
                            {{"end", base::Times{{far, base::kMissingInteger}}}});
  EXPECT_THROW(graph_of(log), base::InvalidInput);
}

std::string numbered(std::uint64_t k) {
  std::string name = "t";
  return name += std::to_string(k);
}

std::vector<test::Event> random_events(std::size_t n, std::size_t touchpoints, std::size_t cases, std::uint64_t seed) {
  std::vector<test::Event> rows;
  for (std::size_t k = 0; k < n; ++k) {
    const std::uint64_t draw = base::mix(seed * 1'000'003 + k);
    rows.push_back({std::to_string(draw % cases), numbered((draw >> 20U) % touchpoints),
                    static_cast<std::int64_t>((draw >> 40U) % 100'000)});
  }
  return rows;
}

void expect_equal(const DirectlyFollows& a, const DirectlyFollows& b) {
  ASSERT_EQ(a.edges.size(), b.edges.size());
  for (std::size_t k = 0; k < a.edges.size(); ++k) {
    EXPECT_EQ(a.edges[k].source, b.edges[k].source);
    EXPECT_EQ(a.edges[k].target, b.edges[k].target);
    EXPECT_EQ(a.edges[k].count, b.edges[k].count);
    EXPECT_EQ(a.edges[k].cases, b.edges[k].cases);
    EXPECT_EQ(a.edges[k].times, b.edges[k].times);
  }
  ASSERT_EQ(a.touchpoints.size(), b.touchpoints.size());
  for (std::size_t t = 0; t < a.touchpoints.size(); ++t) {
    EXPECT_EQ(a.touchpoints[t].events, b.touchpoints[t].events);
    EXPECT_EQ(a.touchpoints[t].cases, b.touchpoints[t].cases);
    EXPECT_EQ(a.touchpoints[t].customers, b.touchpoints[t].customers);
    EXPECT_EQ(a.touchpoints[t].starts, b.touchpoints[t].starts);
    EXPECT_EQ(a.touchpoints[t].ends, b.touchpoints[t].ends);
    EXPECT_EQ(a.touchpoints[t].duration, b.touchpoints[t].duration);
  }
}

TEST(DirectlyFollows, IsTheSameForAnyNumberOfThreads) {
  std::vector<std::string> who;
  const auto rows = random_events(300'000, 30, 20'000, 1);
  for (const auto& row : rows) who.push_back(std::to_string(std::stoi(row.case_id) / 3));
  LogOptions options;
  options.role(Role::Customer) = "customer";
  const auto log = make_log(rows, options, {{"customer", test::text_column(who)}});
  const DirectlyFollows one = graph_of(log, 1);
  expect_equal(one, graph_of(log, 2));
  expect_equal(one, graph_of(log, 8));
}

TEST(DirectlyFollows, IsTheSameFromTheMatrixAndTheHashTable) {
  // 2,000 touchpoints are beyond the matrix; folded into 40 names the counts must add up to the matrix's.
  const auto rows = random_events(100'000, 2'000, 5'000, 2);
  auto folded = rows;
  for (auto& row : folded) row.touchpoint = numbered(std::stoul(row.touchpoint.substr(1)) % 40);
  const auto wide_log = make_log(rows);
  const DirectlyFollows wide = graph_of(wide_log, 3);
  const auto narrow_log = make_log(folded);
  const DirectlyFollows narrow = graph_of(narrow_log, 3);
  const auto fold = [&](std::uint32_t code) { return std::stoi(wide_log.touchpoint_names()[code].substr(1)) % 40; };
  std::map<std::pair<int, int>, std::int64_t> sums;
  for (const Edge& edge : wide.edges) sums[{fold(edge.source), fold(edge.target)}] += edge.count;
  ASSERT_EQ(narrow.edges.size(), sums.size());
  for (const Edge& edge : narrow.edges) {
    const auto name = [&](std::uint32_t code) { return std::stoi(narrow_log.touchpoint_names()[code].substr(1)); };
    EXPECT_EQ(edge.count, (sums[{name(edge.source), name(edge.target)}]));
  }
}

TEST(DirectlyFollows, CountsManyTouchpointsWithoutAMatrix) {
  std::vector<test::Event> rows;
  for (unsigned k = 0; k < 200'000; ++k) rows.push_back({"1", numbered(k), k});
  const DirectlyFollows graph = graph_of(make_log(rows));
  EXPECT_EQ(graph.edges.size(), 199'999U);
  EXPECT_EQ(graph.edges[0].times.mean_seconds, 1);
}

TEST(DirectlyFollows, StopsWhenCancelled) {
  const auto log = make_log(random_events(1000, 5, 100, 3));
  const base::Cancellation cancelled([] { return true; });
  std::this_thread::sleep_for(std::chrono::milliseconds(15));
  EXPECT_THROW(directly_follows(log, {1}, cancelled), base::Cancelled);
}

TEST(DirectlyFollows, OfSegmentsAddUpToTheWhole) {
  const auto rows = random_events(5'000, 8, 300, 4);
  std::vector<std::string> half;
  for (const auto& row : rows)
    half.push_back(std::stoi(row.case_id) % 3 == 0 ? "" : std::stoi(row.case_id) % 3 == 1 ? "one" : "two");
  const auto log = make_log(rows, {}, {{"third", test::text_column(half)}});
  const Segments parts = segments(log, {"third"});
  ASSERT_EQ(parts.count, 3U);
  const auto graphs = directly_follows(log, parts, {2}, kNeverCancelled);
  const DirectlyFollows whole = graph_of(log);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> sums;
  std::int64_t cases = 0;
  for (const auto& graph : graphs) {
    cases += graph.cases;
    for (const Edge& edge : graph.edges) sums[{edge.source, edge.target}] += edge.count;
  }
  EXPECT_EQ(cases, whole.cases);
  for (const Edge& edge : whole.edges) EXPECT_EQ(edge.count, (sums[{edge.source, edge.target}]));
}

TEST(EdgeTable, GivesTheShareOfEventsThatMoveOn) {
  const auto log = make_log({{"1", "A", 0}, {"1", "B", 1}, {"2", "A", 0}, {"3", "A", 0}, {"3", "B", 5}, {"4", "A", 7}});
  const Segments whole = segments(log, {});
  const auto graphs = directly_follows(log, whole, {1}, kNeverCancelled);
  const base::Table edges = edge_table(log, whole, graphs);
  EXPECT_EQ(edges.names(), (std::vector<std::string>{"source", "target", "count", "cases", "share", "mean_seconds",
                                                     "median_seconds", "p90_seconds", "min_seconds", "max_seconds"}));
  EXPECT_DOUBLE_EQ(std::get<base::Reals>(*edges.at("share").values).values[0], 0.5);
  const base::Table touchpoints = touchpoint_table(log, whole, graphs);
  EXPECT_EQ(std::get<base::Integers>(*touchpoints.at("ends").values).values, (std::vector<std::int64_t>{2, 2}));
}

}  // namespace
}  // namespace journeykit::discovery
