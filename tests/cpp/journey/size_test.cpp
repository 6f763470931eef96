// Maps a hundred times larger than any that was drawn, on a stack of 512 KB.
#include <gtest/gtest.h>

#include <cstdlib>

#include "journey/journey_maps.hpp"
#include "journeykit/journey/diff.hpp"
#include "journeykit/journey/map_json.hpp"
#include "journeykit/journey/merge.hpp"
#include "journeykit/journey/query.hpp"
#include "journeykit/journey/validate.hpp"
#include "small_stack.hpp"

namespace journeykit::journey {
namespace {

// t0 → t1 → … → t(n-1), and back to t0 for a cycle
JourneyMap chain(std::size_t n, bool cycle) {
  const auto name = [](std::size_t k) { return "t" + std::to_string(k); };
  JourneyMap map;
  for (std::size_t k = 0; k < n; ++k) map.add(touchpoint(name(k), ""));
  for (std::size_t k = 1; k < n; ++k) map.add(transition(name(k - 1), name(k)));
  if (cycle) map.add(transition(name(n - 1), name(0)));
  return map;
}

// A million is JOURNEYKIT_SIZE=1000000; a tenth of that would overflow the stack just as well.
std::size_t size() {
  const char* wanted = std::getenv("JOURNEYKIT_SIZE");
  return wanted != nullptr ? std::stoul(wanted) : 100'000;
}

void ask_everything(const JourneyMap& map, bool cycle) {
  const std::size_t n = map.touchpoint_count();
  const std::string last = "t" + std::to_string(n - 1);
  EXPECT_EQ(reachable_from(map, {"t0"}).size(), n);
  EXPECT_EQ(reachable_from(map, {last}).size(), cycle ? n : 1);
  EXPECT_EQ(leading_to(map, {last}).size(), n);
  std::set<std::string> rules;
  for (const Finding& finding : validate(map)) rules.insert(finding.rule);
  EXPECT_EQ(rules.contains("no-end"), cycle);
  const JourneyMap again = from_json(to_json(map));
  EXPECT_TRUE(again == map);
}

TEST(Size, a_long_path_and_a_long_cycle_pass_every_question_on_a_small_stack) {
  for (const bool cycle : {false, true}) {
    test::on_small_stack([&] { ask_everything(chain(size(), cycle), cycle); });
  }
}

TEST(Size, long_maps_are_compared_and_merged_on_a_small_stack) {
  test::on_small_stack([] {
    const JourneyMap base = chain(size() / 4, true);
    JourneyMap ours = base;
    ours.remove_touchpoint("t7", true);
    EXPECT_EQ(diff(base, ours).size(), 3U);
    const MergeResult merged = merge(base, ours, base);
    EXPECT_TRUE(merged.conflicts.empty());
    EXPECT_TRUE(merged.map == ours);
  });
}

}  // namespace
}  // namespace journeykit::journey
