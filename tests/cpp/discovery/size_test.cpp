// Logs with a million different names, on a stack of 512 KB and in less than 2 GB.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <type_traits>

#include "events/make_log.hpp"
#include "journeykit/discovery/directly_follows.hpp"
#include "journeykit/discovery/rework.hpp"
#include "journeykit/discovery/variants.hpp"
#include "small_stack.hpp"

namespace journeykit::discovery {
namespace {

constexpr unsigned kMillion = 1'000'000;
const base::Cancellation kNeverCancelled;

// Counters hold what no table of 2^32 rows can fill, so that merged parts may pass it.
static_assert(std::is_same_v<decltype(Edge::count), std::int64_t> &&
              std::is_same_v<decltype(Edge::cases), std::int64_t>);
static_assert(std::is_same_v<decltype(TouchpointCounts::events), std::int64_t>);
static_assert(std::is_same_v<decltype(TouchpointCounts::starts), std::int64_t>);
static_assert(std::is_same_v<decltype(DirectlyFollows::events), std::int64_t>);
static_assert(std::is_same_v<decltype(Variant::cases), std::int64_t>);
static_assert(std::is_same_v<decltype(journey::TouchpointStatistics::events), std::int64_t>);

events::EventLog numbered(unsigned events, bool own_case, bool own_touchpoint) {
  std::vector<test::Event> rows;
  rows.reserve(events);
  for (unsigned k = 0; k < events; ++k) {
    rows.push_back({own_case ? std::to_string(k) : "1", own_touchpoint ? std::to_string(k) : "a", k});
  }
  return test::make_log(rows);
}

// Ends the process, with 0 when `holds` is true within 2 GB; sanitizers need more address space than that.
void exit_within_two_gigabytes(const std::function<bool()>& holds) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const rlimit limit{std::size_t{2} << 30U, std::size_t{2} << 30U};
  if (setrlimit(RLIMIT_AS, &limit) != 0) std::exit(2);
#endif
  bool held = false;
  test::on_small_stack([&] { held = holds(); });
  std::exit(held ? 0 : 1);
}

TEST(Size, a_million_touchpoints_in_one_case_are_counted_in_two_gigabytes) {
  EXPECT_EXIT(exit_within_two_gigabytes([] {
                const events::EventLog log = numbered(kMillion, false, true);
                const Segments whole = segments(log, {});
                const DirectlyFollows graph = directly_follows(log, {2}, kNeverCancelled);
                return graph.edges.size() == kMillion - 1 && variants(log, whole, kNeverCancelled).size() == 1 &&
                       rework(log, whole, kNeverCancelled).touchpoints.rows == kMillion;
              }),
              testing::ExitedWithCode(0), "");
}

TEST(Size, a_million_cases_are_counted_in_two_gigabytes) {
  EXPECT_EXIT(exit_within_two_gigabytes([] {
                const events::EventLog log = numbered(kMillion, true, false);
                const Segments whole = segments(log, {});
                const DirectlyFollows graph = directly_follows(log, {2}, kNeverCancelled);
                return graph.edges.empty() && graph.cases == kMillion && graph.touchpoints[0].starts == kMillion &&
                       variants(log, whole, kNeverCancelled)[0].cases == kMillion;
              }),
              testing::ExitedWithCode(0), "");
}

TEST(Size, a_case_of_a_million_events_is_one_variant_and_one_edge) {
  EXPECT_EXIT(exit_within_two_gigabytes([] {
                const events::EventLog log = numbered(kMillion, false, false);
                const Segments whole = segments(log, {});
                const DirectlyFollows graph = directly_follows(log, {2}, kNeverCancelled);
                const auto found = variants(log, whole, kNeverCancelled);
                return graph.edges.size() == 1 && graph.edges[0].count == kMillion - 1 && graph.edges[0].cases == 1 &&
                       found.size() == 1 && variant_table(log, whole, found).rows == 1;
              }),
              testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace journeykit::discovery
