#include "journeykit/journey/diff.hpp"

#include <gtest/gtest.h>

#include "journey/journey_maps.hpp"
#include "journeykit/io/json.hpp"

namespace journeykit::journey {
namespace {

// "kind element id target field: before | after", whole elements as their kind of value
std::vector<std::string> shown(const std::vector<Change>& changes) {
  const auto text = [](const io::Value& value) {
    if (value.object() != nullptr) return std::string("{…}");
    std::string out = io::write_json(value);
    out.pop_back();
    return out;
  };
  std::vector<std::string> out;
  for (const Change& c : changes) {
    out.push_back(std::string(to_string(c.kind)) + " " + c.element + " " + c.id + " " + c.target + " " + c.field +
                  ": " + text(c.before) + " | " + text(c.after));
  }
  return out;
}

using Shown = std::vector<std::string>;

TEST(Diff, a_map_and_itself_have_no_difference) { EXPECT_TRUE(diff(support(), support()).empty()); }

TEST(Diff, says_what_was_removed_added_and_changed_field_by_field) {
  const JourneyMap before = support();
  JourneyMap after = before;
  after.remove_touchpoint("Chat", true);
  after.add(touchpoint("Mail", "Help"));
  after.add(transition("Page", "Mail"));
  Touchpoint call = after.touchpoint("Call");
  call.emotion = -0.5;
  call.channels = {"phone"};
  after.put(call);
  after.set_about({.name = "Support 2", .currency = "EUR"});
  EXPECT_EQ(shown(diff(before, after)), (Shown{
                                            R"(changed map   name: "Support" | "Support 2")",
                                            "removed touchpoint Chat  : {…} | null",
                                            R"(changed touchpoint Call  channels: [] | ["phone"])",
                                            "changed touchpoint Call  emotion: null | -0.5",
                                            "added touchpoint Mail  : null | {…}",
                                            "removed transition Page Chat : {…} | null",
                                            "removed transition Chat Close : {…} | null",
                                            "added transition Page Mail : null | {…}",
                                        }));
}

TEST(Diff, one_element_moved_is_one_move) {
  JourneyMap before, after;
  for (const char* id : {"a", "b", "c", "d", "e"}) before.add(Stage{.id = id});
  after = before;
  after.order_stages({"b", "c", "d", "a", "e"});
  EXPECT_EQ(shown(diff(before, after)), (Shown{"moved stage a  position: 0 | 3"}));
  after.order_stages({"e", "d", "c", "b", "a"});
  EXPECT_EQ(diff(before, after).size(), 4U);  // one may stay
}

TEST(Diff, is_empty_exactly_when_maps_are_equal) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    RandomMaps random(seed);
    const JourneyMap before = random.map();
    JourneyMap after = before;
    for (std::size_t k = random.below(3); k > 0; --k) random.edit(after);
    EXPECT_EQ(diff(before, after).empty(), before == after) << seed;
    EXPECT_EQ(diff(before, after).size(), diff(after, before).size()) << seed;
    EXPECT_TRUE(diff(after, after).empty());
  }
}

TEST(Diff, two_maps_of_a_hundred_thousand_touchpoints_in_reverse_order_are_compared_quickly) {
  JourneyMap before, after;
  constexpr int n = 100'000;
  for (int k = 0; k < n; ++k) before.add(touchpoint(std::to_string(k), ""));
  for (int k = n; k > 0; --k) after.add(touchpoint(std::to_string(k - 1), ""));
  EXPECT_EQ(diff(before, after).size(), n - 1U);
}

}  // namespace
}  // namespace journeykit::journey
