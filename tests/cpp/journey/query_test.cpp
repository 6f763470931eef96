#include "journeykit/journey/query.hpp"

#include <gtest/gtest.h>

#include "journey/journey_maps.hpp"

namespace journeykit::journey {
namespace {

using Ids = std::vector<std::string>;

TEST(Query, what_is_reachable_follows_transitions_and_includes_the_start) {
  const JourneyMap map = support();
  EXPECT_EQ(reachable_from(map, {"Call"}), (Ids{"Call", "Close"}));
  EXPECT_EQ(reachable_from(map, {"Page"}), (Ids{"Page", "Call", "Chat", "Close"}));
  EXPECT_EQ(reachable_from(map, {"Chat", "Call"}), (Ids{"Call", "Chat", "Close"}));
  EXPECT_EQ(reachable_from(map, {}), Ids{});
  EXPECT_THROW(reachable_from(map, {"x"}), base::NotFound);
}

TEST(Query, what_leads_to_a_touchpoint_is_upstream_of_it) {
  const JourneyMap map = support();
  EXPECT_EQ(leading_to(map, {"Call"}), (Ids{"Page", "Call"}));
  EXPECT_EQ(leading_to(map, {"Close"}), (Ids{"Page", "Call", "Chat", "Close"}));
  EXPECT_THROW(leading_to(map, {"x"}), base::NotFound);
}

TEST(Query, a_path_of_a_hundred_thousand_touchpoints_is_followed_to_its_end) {
  JourneyMap map;
  constexpr int n = 100'000;
  for (int k = 0; k < n; ++k) map.add(touchpoint("t" + std::to_string(k), ""));
  for (int k = 0; k < n; ++k) map.add(transition("t" + std::to_string(k), "t" + std::to_string((k + 1) % n)));
  EXPECT_EQ(reachable_from(map, {"t7"}).size(), static_cast<std::size_t>(n));
  EXPECT_EQ(leading_to(map, {"t7"}).size(), static_cast<std::size_t>(n));
}

TEST(Query, every_condition_given_must_hold) {
  JourneyMap map = support();
  Touchpoint call = map.touchpoint("Call");
  call.channels = {"phone", "app"};
  call.departments = {"Care"};
  call.tags = {"costly"};
  call.owner = "Ann";
  call.visibility = Visibility::BackStage;
  call.evidence = Evidence::Observed;
  map.put(call);
  EXPECT_EQ(touchpoints_where(map, {}).size(), 4U);
  EXPECT_EQ(touchpoints_where(map, {.stage = "Help"}), (Ids{"Call", "Chat", "Close"}));
  EXPECT_EQ(touchpoints_where(map, {.scene = "Talk"}), (Ids{"Call"}));
  EXPECT_EQ(touchpoints_where(map, {.channel = "phone"}), (Ids{"Call"}));
  EXPECT_EQ(touchpoints_where(map, {.channel = "pho"}), Ids{});
  EXPECT_EQ(touchpoints_where(map, {.department = "Care"}), (Ids{"Call"}));
  EXPECT_EQ(touchpoints_where(map, {.tag = "costly"}), (Ids{"Call"}));
  EXPECT_EQ(touchpoints_where(map, {.owner = "Ann"}), (Ids{"Call"}));
  EXPECT_EQ(touchpoints_where(map, {.visibility = Visibility::FrontStage}), (Ids{"Page", "Chat", "Close"}));
  EXPECT_EQ(touchpoints_where(map, {.evidence = Evidence::Observed}), (Ids{"Call"}));
  EXPECT_EQ(touchpoints_where(map, {.stage = "Before", .channel = "phone"}), Ids{});
  EXPECT_THROW(touchpoints_where(map, {.stage = "x"}), base::NotFound);
  EXPECT_THROW(touchpoints_where(map, {.scene = "x"}), base::NotFound);
}

}  // namespace
}  // namespace journeykit::journey
