#include "journeykit/discovery/state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "events/make_log.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/discovery/times.hpp"

namespace journeykit::discovery {
namespace {

using test::Event;
using test::make_log;

const base::Cancellation kNever;

DurationStore store_of(const std::vector<std::int64_t>& values, std::size_t exact_up_to) {
  DurationStore store;
  for (const std::int64_t value : values) store.add(value, exact_up_to);
  return store;
}

std::string bytes_of(const DurationStore& store) {
  base::ByteWriter out("store", 1);
  store.write(out);
  return std::move(out).finish();
}

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

TEST(DurationStore, keeps_values_up_to_the_limit_and_then_counts_buckets) {
  EXPECT_TRUE(store_of({1, 2, 3}, 3).exact());
  EXPECT_FALSE(store_of({1, 2, 3, 4}, 3).exact());
  EXPECT_FALSE(store_of({}, 3).summary().has_value());
}

TEST(DurationStore, small_values_keep_their_place_in_buckets) {
  std::vector<std::int64_t> values = {5, -3, 100, 7, 127, 0, 9};
  const auto sketch = *store_of(values, 1).summary();
  EXPECT_EQ(sketch, *summarize(values));  // below 128 each value has a bucket of its own
}

TEST(DurationStore, sketched_medians_are_off_by_at_most_the_stated_error) {
  std::mt19937_64 draw(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> values;
    const int shift = static_cast<int>(draw() % 60);
    for (int k = 0; k < 101; ++k) values.push_back(static_cast<std::int64_t>(draw() >> 2U) >> shift);
    const auto sketch = *store_of(values, 1).summary();
    const auto exact = *summarize(values);
    EXPECT_NEAR(sketch.median_seconds, exact.median_seconds, kSketchError * exact.median_seconds);
    EXPECT_NEAR(sketch.p90_seconds, exact.p90_seconds, kSketchError * exact.p90_seconds);
    EXPECT_EQ(sketch.mean_seconds, exact.mean_seconds);
    EXPECT_EQ(sketch.min_seconds, exact.min_seconds);
    EXPECT_EQ(sketch.max_seconds, exact.max_seconds);
  }
}

TEST(DurationStore, the_ends_of_the_range_have_buckets) {
  const auto sketch = *store_of({kMost, kLeast, kMost, kMost}, 1).summary();
  EXPECT_NEAR(sketch.median_seconds, 9223372036.854775, 9223372036.854775 / 128);
  EXPECT_EQ(sketch.min_seconds, -9223372036.854775808);
  EXPECT_EQ(sketch.n, 4);
}

TEST(DurationStore, merging_in_any_order_is_adding_everything) {
  const std::vector<std::int64_t> values = {kMost, -5, 3'000'000'000, 0, kLeast, 77, 3'000'000'001, 12, -5};
  for (const std::size_t limit : {1U, 4U, 8U, 9U, 100U}) {
    const std::string whole = bytes_of(store_of(values, limit));
    for (std::size_t cut = 0; cut <= values.size(); ++cut) {
      const auto middle = values.begin() + static_cast<std::ptrdiff_t>(cut);
      DurationStore left = store_of({values.begin(), middle}, limit);
      DurationStore right = store_of({middle, values.end()}, limit);
      DurationStore both = left;
      both.merge(right, limit);
      right.merge(left, limit);
      EXPECT_EQ(bytes_of(both), whole) << limit << " " << cut;
      EXPECT_EQ(bytes_of(right), whole) << limit << " " << cut;
    }
    const std::string bytes = whole;
    base::ByteReader in(bytes, "store", 1, "a store");
    EXPECT_EQ(bytes_of(DurationStore::read(in, limit)), whole);
    in.finish();
  }
}

// 1: a → b → a      2: b      3: a → b
std::vector<Event> three_cases() {
  return {{"1", "a", 0}, {"1", "b", 60}, {"1", "a", 180}, {"2", "b", 5}, {"3", "a", 10}, {"3", "b", 20}};
}

FlowOptions with_variants() { return {events::StatusRule{{"b"}, {}, 0, 1000 * test::kSecond}, 10, 10}; }

TEST(FlowState, counts_what_the_three_cases_show) {
  const FlowState state = flow_state(make_log(three_cases()), with_variants(), kNever);
  EXPECT_EQ(state.cases, 3);
  EXPECT_EQ(state.events, 6);
  ASSERT_EQ(state.edges.size(), 2U);
  EXPECT_EQ(state.edges[0].count, 2);  // a → b
  EXPECT_EQ(state.edges[0].times.summary()->mean_seconds, 35);
  EXPECT_EQ(state.edges[1].cases, 1);  // b → a
  EXPECT_EQ(state.touchpoints[0].starts, 2);
  EXPECT_EQ(state.touchpoints[1].ends, 2);
  EXPECT_EQ(state.touchpoints[1].open_ends, 0);  // all are completed
  ASSERT_EQ(state.variants.size(), 3U);
  EXPECT_EQ(state.variants[0].steps, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(state.variants[0].example_case, "3");
}

TEST(FlowState, parts_with_other_touchpoints_merge_to_the_whole) {
  const auto rows = three_cases();
  const auto part = [&](std::initializer_list<const char*> ids, const FlowOptions& options) {
    std::vector<Event> own;
    for (const Event& row : rows) {
      if (std::ranges::find(ids, row.case_id) != ids.end()) own.push_back(row);
    }
    return flow_state(make_log(own), options, kNever);
  };
  const FlowOptions options = with_variants();
  const std::string whole = to_bytes(flow_state(make_log(rows), options, kNever));
  FlowState none;
  none.options = options;
  EXPECT_EQ(to_bytes(merged(part({"2"}, options), part({"1", "3"}, options))), whole);
  EXPECT_EQ(to_bytes(merged(merged(part({"3"}, options), none), merged(part({"2"}, options), part({"1"}, options)))),
            whole);
  EXPECT_EQ(to_bytes(flow_state_from_bytes(whole)), whole);
  FlowOptions few = options;
  few.most_variants = 2;
  EXPECT_THROW(merged(part({"1", "2"}, few), part({"3"}, few)), base::Unsupported);
  EXPECT_THROW(merged(part({"1"}, few), part({"3"}, options)), base::InvalidInput);
}

TEST(FlowState, ten_thousand_random_trees_over_the_cases_give_the_same_bytes) {
  std::mt19937_64 draw(13);
  for (int log = 0; log < 20; ++log) {
    std::vector<std::vector<Event>> cases(8);
    std::vector<Event> rows;
    for (int k = 0; k < 60; ++k) {
      const std::uint64_t c = draw() % cases.size();
      const std::string touchpoint(1, static_cast<char>('a' + draw() % 5));
      rows.push_back({std::to_string(c), touchpoint, static_cast<std::int64_t>(draw() % 1'000'000)});
      cases[c].push_back(rows.back());
    }
    std::erase_if(cases, [](const auto& own) { return own.empty(); });
    FlowOptions options = with_variants();
    options.exact_up_to = std::array<std::uint64_t, 4>{1, 3, 10, 1000}[draw() % 4];
    // rows of one time stand in the same order in the whole and in the parts
    const std::string whole = to_bytes(flow_state(make_log(rows), options, kNever));
    std::vector<FlowState> alone;
    for (const auto& own : cases) alone.push_back(flow_state(make_log(own), options, kNever));
    for (int tree = 0; tree < 500; ++tree) {
      std::vector<FlowState> states = alone;
      std::ranges::shuffle(states, draw);
      while (states.size() > 1) {
        const FlowState right = std::move(states.back());
        states.pop_back();
        FlowState& left = states[draw() % states.size()];
        left = draw() % 2 == 0 ? merged(left, right) : merged(right, left);
      }
      ASSERT_EQ(to_bytes(states[0]), whole);
    }
  }
}

TEST(FlowState, hostile_bytes_with_a_good_checksum_are_refused) {
  const std::string whole = to_bytes(flow_state(make_log(three_cases()), with_variants(), kNever));
  std::mt19937_64 draw(7);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    // Written anew after the change, as someone would who means harm.
    std::string content = whole.substr(17, whole.size() - 17 - 8);
    for (std::uint64_t changes = 1 + draw() % 3; changes > 0; --changes) {
      content[draw() % content.size()] = static_cast<char>(draw());
    }
    // The writer signs whatever stands before: here all but the last byte, which goes in as its "version".
    base::ByteWriter sign("journeykit flow\n\1" + content.substr(0, content.size() - 1),
                          static_cast<unsigned char>(content.back()) & 0x7FU);
    const std::string forged = std::move(sign).finish();
    try {
      const FlowState state = flow_state_from_bytes(forged);
      EXPECT_EQ(to_bytes(flow_state_from_bytes(to_bytes(state))), to_bytes(state));
      EXPECT_EQ(edge_table(state).rows, state.edges.size());
      EXPECT_LE(discover(state, {}, kNever).touchpoints().size(), state.touchpoints.size());
    } catch (const base::Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace journeykit::discovery
