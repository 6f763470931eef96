#include "journeykit/journey/map.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>

#include "journey/journey_maps.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/journey/map_json.hpp"

namespace journeykit::journey {
namespace {

using base::InvalidInput;
using base::NotFound;
using Ids = std::vector<std::string>;

// Calls that must throw E with `part` in the message and leave the map as it was.
template <class E, class Edit>
void refused(JourneyMap& map, const Edit& edit, const std::string& part) {
  const JourneyMap before = map;
  try {
    edit(map);
    ADD_FAILURE() << "no error; expected one with: " << part;
  } catch (const E& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
  EXPECT_EQ(map, before);
}

TEST(JourneyMap, an_empty_map_has_nothing) {
  const JourneyMap map;
  EXPECT_TRUE(map.stages().empty());
  EXPECT_TRUE(map.touchpoints().empty());
  EXPECT_TRUE(map.transitions().empty());
  EXPECT_EQ(map.touchpoint_count(), 0U);
  EXPECT_EQ(map.transition_count(), 0U);
  EXPECT_FALSE(map.has_touchpoint("Call"));
  EXPECT_FALSE(map.has_transition("Call", "Call"));
  EXPECT_EQ(map, JourneyMap());
}

TEST(JourneyMap, neighbours_and_transitions_stand_in_touchpoint_order) {
  const JourneyMap map = support();
  EXPECT_EQ(map.successors("Page"), (Ids{"Call", "Chat", "Close"}));
  EXPECT_EQ(map.predecessors("Close"), (Ids{"Page", "Call", "Chat"}));
  EXPECT_EQ(map.successors("Call"), (Ids{"Call", "Close"}));
  Ids shown;
  for (const Transition& t : map.transitions()) shown.push_back(t.source + ">" + t.target);
  EXPECT_EQ(shown, (Ids{"Page>Call", "Page>Chat", "Page>Close", "Call>Call", "Call>Close", "Chat>Close"}));
  EXPECT_EQ(map.transition_count(), 6U);
}

TEST(JourneyMap, an_element_without_a_name_is_named_by_its_id) {
  JourneyMap map;
  map.add(Stage{.id = "Before"});
  EXPECT_EQ(map.stage("Before").name, "Before");
  map.add(touchpoint("Call", "Before"));
  EXPECT_EQ(map.touchpoint("Call").name, "Call");
}

TEST(JourneyMap, channels_departments_and_tags_are_sorted_and_unique) {
  JourneyMap map;
  Touchpoint call = touchpoint("Call", "");
  call.channels = {"web", "phone", "web"};
  call.tags = {"b", "a"};
  map.add(call);
  EXPECT_EQ(map.touchpoint("Call").channels, (Ids{"phone", "web"}));
  EXPECT_EQ(map.touchpoint("Call").tags, (Ids{"a", "b"}));
}

TEST(JourneyMap, what_is_not_there_is_not_found_with_the_nearest_id) {
  JourneyMap map = support();
  refused<NotFound>(
      map, [](JourneyMap& m) { m.touchpoint("call"); },
      "touchpoint 'call' is not in the map (4 touchpoints; nearest: 'Call')");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.stage("Helpp"); }, "nearest: 'Help'");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.scene("x"); }, "scene 'x' is not in the map (1 scene; nearest");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.transition("Close", "Page"); },
      "transition 'Close → Page' is not in the map (6 transitions");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.failure_point("x"); }, "failure point 'x' is not in the map");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.successors("x"); }, "touchpoint 'x'");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.predecessors("x"); }, "touchpoint 'x'");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.add(touchpoint("New", "Helpp")); }, "stage 'Helpp'");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.add(transition("Page", "x")); }, "touchpoint 'x'");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.add(Scene{.id = "s", .stage = "x"}); }, "stage 'x'");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.add(FailurePoint{.id = "f", .touchpoint = "x"}); }, "touchpoint 'x'");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.add(FailurePoint{.id = "f", .source = "Close", .target = "Page"}); },
      "transition 'Close → Page'");
}

TEST(JourneyMap, an_id_stands_once_among_its_kind) {
  JourneyMap map = support();
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(Stage{.id = "Help"}); }, "stage 'Help' is in the map already");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(Scene{.id = "Talk", .stage = "Help"}); }, "scene 'Talk' is");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(touchpoint("Call", "")); }, "touchpoint 'Call' is");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(transition("Call", "Call")); }, "transition 'Call → Call' is");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(FailurePoint{.id = "Wait", .touchpoint = "Page"}); }, "failure point 'Wait' is");
  map.add(touchpoint("Help", ""));  // a touchpoint may be called like a stage
  EXPECT_TRUE(map.has_touchpoint("Help"));
}

TEST(JourneyMap, an_empty_or_broken_id_is_refused) {
  JourneyMap map = support();
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(touchpoint("", "")); }, "id is empty");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(Stage{}); }, "id is empty");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(touchpoint("\xFF", "")); }, "is not valid UTF-8");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(touchpoint(std::string(70'000, 'x'), "")); },
      "id has 70000 bytes; at most 65536 are allowed");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(Scene{.id = "s"}); }, "stage is empty");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(transition("", "Call")); }, "source is empty");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.set_about(About{.name = "\xC0\x80"}); }, "name");
  refused<InvalidInput>(
      map,
      [](JourneyMap& m) {
        Touchpoint t = touchpoint("x", "");
        t.channels = {""};
        m.add(t);
      },
      "channels hold an empty text");
}

TEST(JourneyMap, numbers_that_are_not_finite_or_out_of_range_are_refused) {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  JourneyMap map = support();
  for (const double wrong : {nan, infinity, -infinity, 1.5, -1.01, 1e308}) {
    refused<InvalidInput>(
        map,
        [&](JourneyMap& m) {
          Touchpoint t = m.touchpoint("Call");
          t.emotion = wrong;
          m.put(t);
        },
        "emotion is ");
    refused<InvalidInput>(
        map,
        [&](JourneyMap& m) {
          Transition t = m.transition("Page", "Call");
          t.probability = wrong;
          m.put(t);
        },
        "probability is ");
  }
  for (const double wrong : {nan, -1.0, 1.1}) {
    for (auto field : {&FailurePoint::frequency_share, &FailurePoint::detection_share}) {
      refused<InvalidInput>(
          map,
          [&](JourneyMap& m) {
            FailurePoint f = m.failure_point("Wait");
            f.*field = wrong;
            m.put(f);
          },
          "expected ");
    }
  }
  refused<InvalidInput>(
      map,
      [&](JourneyMap& m) {
        FailurePoint f = m.failure_point("Wait");
        f.loss_amount = -1;
        m.put(f);
      },
      "loss_amount is -1; expected 0 or more");
  refused<InvalidInput>(
      map,
      [&](JourneyMap& m) {
        Transition t = m.transition("Page", "Call");
        t.count = -1;
        m.put(t);
      },
      "count is -1; expected 0 or more");
  refused<InvalidInput>(
      map, [&](JourneyMap& m) { m.set_about(About{.cases = -1}); }, "cases is -1");
}

TEST(JourneyMap, summaries_that_contradict_themselves_are_refused) {
  JourneyMap map = support();
  const auto with_times = [](JourneyMap& m, TimeSummary times) {
    Transition t = m.transition("Page", "Call");
    t.times = times;
    m.put(t);
  };
  refused<InvalidInput>(
      map, [&](JourneyMap& m) { with_times(m, {}); }, "times: n is 0; leave the times out");
  refused<InvalidInput>(
      map,
      [&](JourneyMap& m) {
        with_times(m, {1, 1, 1, 1, 2, 1});
      },
      "min_seconds is 2, above");
  refused<InvalidInput>(
      map,
      [&](JourneyMap& m) {
        with_times(m, {1, std::nan(""), 1, 1, 1, 1});
      },
      "mean_seconds is nan");
  const auto with_metrics = [](JourneyMap& m, std::vector<MetricSummary> metrics) {
    Touchpoint t = m.touchpoint("Call");
    t.metrics = std::move(metrics);
    m.put(t);
  };
  refused<InvalidInput>(
      map, [&](JourneyMap& m) { with_metrics(m, {{.name = ""}}); }, "name is empty");
  refused<InvalidInput>(
      map,
      [&](JourneyMap& m) {
        with_metrics(m, {{.name = "a"}, {.name = "a"}});
      },
      "'a' twice");
  refused<InvalidInput>(
      map, [&](JourneyMap& m) { with_metrics(m, {{.name = "a", .low = 1}}); }, "one interval");
  refused<InvalidInput>(
      map, [&](JourneyMap& m) { with_metrics(m, {{.name = "a", .low = 2, .high = 1}}); }, "above high 1");
}

TEST(JourneyMap, a_failure_point_stands_on_one_touchpoint_or_one_transition) {
  JourneyMap map = support();
  const std::string rule = "stands on one touchpoint or on one transition";
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(FailurePoint{.id = "f"}); }, rule);
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(FailurePoint{.id = "f", .source = "Page"}); }, rule);
  refused<InvalidInput>(
      map,
      [](JourneyMap& m) { m.add(FailurePoint{.id = "f", .touchpoint = "Page", .source = "Page", .target = "Call"}); },
      rule);
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.add(FailurePoint{.id = "f", .touchpoint = "Page", .target = "Call"}); }, rule);
}

TEST(JourneyMap, a_touchpoint_belongs_to_the_stage_of_its_scene) {
  JourneyMap map = support();
  Touchpoint mail{.id = "Mail", .scene = "Talk"};
  map.add(mail);
  EXPECT_EQ(map.touchpoint("Mail").stage, "Help");
  mail.id = "Letter";
  mail.stage = "Before";
  refused<InvalidInput>(
      map, [&](JourneyMap& m) { m.add(mail); }, "scene 'Talk' belongs to stage 'Help', not to 'Before'");
  map.put(Scene{.id = "Talk", .stage = "Before"});
  EXPECT_EQ(map.touchpoint("Mail").stage, "Before");
  EXPECT_EQ(map.touchpoint("Call").stage, "Before");
  EXPECT_EQ(map.touchpoint("Chat").stage, "Help");
}

TEST(JourneyMap, put_replaces_in_place_and_adds_what_is_new) {
  JourneyMap map = support();
  Touchpoint call = map.touchpoint("Call");
  call.owner = "Ann";
  map.put(call);
  EXPECT_EQ(map.touchpoint("Call").owner, "Ann");
  EXPECT_EQ(map.touchpoints()[1].id, "Call");
  map.put(Stage{.id = "Help", .name = "Get help"});
  EXPECT_EQ(map.stages()[1].name, "Get help");
  map.put(Stage{.id = "After"});
  EXPECT_EQ(map.stages()[2].id, "After");
  map.put(FailurePoint{.id = "Wait", .source = "Call", .target = "Close"});  // moves from touchpoint to transition
  map.remove_transition("Call", "Close", true);
  EXPECT_THROW(map.failure_point("Wait"), NotFound);
  map.remove_touchpoint("Call", true);
  EXPECT_EQ(map.transition_count(), 3U);
}

TEST(JourneyMap, what_others_refer_to_is_not_removed_unless_with_them) {
  JourneyMap map = support();
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.remove_touchpoint("Call"); },
      "cannot remove touchpoint 'Call': 3 transitions and 2 failure points still refer to it; remove them "
      "first, or all at once with cascade");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.remove_stage("Help"); }, "3 touchpoints and 1 scene still refer");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.remove_scene("Talk"); }, "1 touchpoint still refer");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.remove_transition("Page", "Call"); }, "1 failure point still refer");
  map.remove_touchpoint("Call", true);
  EXPECT_EQ(map.transition_count(), 3U);
  EXPECT_TRUE(map.failure_points().empty());
  EXPECT_EQ(map.successors("Page"), (Ids{"Chat", "Close"}));
  map.remove_scene("Talk");
  map.remove_stage("Help", true);
  EXPECT_EQ(map.touchpoints().size(), 1U);
  EXPECT_EQ(map.stages().size(), 1U);
  refused<NotFound>(
      map, [](JourneyMap& m) { m.remove_stage("Help"); }, "stage 'Help'");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.remove_touchpoint("Call"); }, "touchpoint 'Call'");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.remove_failure_point("Wait"); }, "failure point 'Wait'");
}

TEST(JourneyMap, an_id_that_is_a_view_of_the_removed_element_is_fine) {
  JourneyMap map = support();
  map.remove_failure_point(map.failure_points().front().id);
  EXPECT_EQ(map.failure_points().size(), 1U);
  map.remove_transition(map.transition("Page", "Chat").source, map.transition("Page", "Chat").target, true);
  map.remove_touchpoint(map.touchpoint("Call").id, true);
  map.remove_scene(map.scenes().front().id, true);
  map.remove_stage(map.stages().front().id, true);
  EXPECT_EQ(map.stages().size(), 1U);
}

TEST(JourneyMap, renaming_takes_references_along_and_keeps_the_place) {
  JourneyMap map = support();
  map.rename_touchpoint("Call", "Phone");
  EXPECT_EQ(map.touchpoints()[1].id, "Phone");
  EXPECT_EQ(map.touchpoint("Phone").name, "Phone");
  EXPECT_EQ(map.successors("Phone"), (Ids{"Phone", "Close"}));
  EXPECT_EQ(map.transition("Phone", "Phone").source, "Phone");
  EXPECT_EQ(map.transition("Page", "Phone").target, "Phone");
  EXPECT_EQ(map.failure_point("Wait").touchpoint, "Phone");
  EXPECT_EQ(map.failure_point("Lost").target, "Phone");
  EXPECT_FALSE(map.has_touchpoint("Call"));
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.rename_touchpoint("Phone", "Chat"); }, "'Chat' is in the map already");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.rename_touchpoint("Phone", ""); }, "id is empty");
  refused<NotFound>(
      map, [](JourneyMap& m) { m.rename_touchpoint("Call", "x"); }, "touchpoint 'Call'");
  map.rename_touchpoint("Phone", "Call");
  EXPECT_EQ(map, support());
}

TEST(JourneyMap, stages_take_the_order_given) {
  JourneyMap map = support();
  map.order_stages({"Help", "Before"});
  EXPECT_EQ(map.stages()[0].id, "Help");
  EXPECT_EQ(map.stage("Before").id, "Before");
  refused<InvalidInput>(
      map, [](JourneyMap& m) { m.order_stages({"Help"}); }, "stage 'Before' is missing");
  refused<InvalidInput>(
      map,
      [](JourneyMap& m) {
        m.order_stages({"Help", "Help"});
      },
      "'Help' stands twice");
  refused<NotFound>(
      map,
      [](JourneyMap& m) {
        m.order_stages({"Help", "x"});
      },
      "stage 'x'");
}

TEST(JourneyMap, a_copy_is_its_own) {
  const JourneyMap original = support();
  JourneyMap copy = original;
  copy.remove_touchpoint("Call", true);
  copy.set_about({.name = "Other"});
  EXPECT_EQ(original, support());
  EXPECT_NE(copy, original);
  copy = original;
  EXPECT_EQ(copy, original);
}

TEST(JourneyMap, equality_sees_every_part) {
  const JourneyMap map = support();
  std::vector<JourneyMap> others(7, map);
  others[0].set_about({.name = "Support", .currency = "USD"});
  others[1].order_stages({"Help", "Before"});
  others[2].put(Scene{.id = "Talk", .name = "x", .stage = "Help"});
  others[3].rename_touchpoint("Page", "Site");
  others[4].remove_transition("Page", "Close");
  others[5].remove_failure_point("Wait");
  Transition changed = map.transition("Page", "Chat");
  changed.evidence = Evidence::Observed;
  others[6].put(changed);
  for (const JourneyMap& other : others) EXPECT_NE(other, map);
}

// Every edit at random, against a naive twin that keeps lists of ids.
TEST(JourneyMap, random_edits_agree_with_a_naive_twin) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    EditedMap edited(seed);
    for (int k = 0; k < 150; ++k) edited.step();
    Ids ids;
    for (const Touchpoint& t : edited.map.touchpoints()) ids.push_back(t.id);
    EXPECT_EQ(ids, edited.touchpoints);
    std::set<std::pair<std::string, std::string>> edges;
    for (const Transition& t : edited.map.transitions()) edges.emplace(t.source, t.target);
    EXPECT_EQ(edges, edited.edges);
    EXPECT_EQ(edges.size(), edited.map.transition_count());
    EXPECT_EQ(from_json(to_json(edited.map)), edited.map);
  }
}

TEST(JourneyMap, a_hundred_thousand_touchpoints_are_built_renamed_and_removed_in_seconds) {
  constexpr int n = 100'000;
  JourneyMap map;
  const auto name = [](int k) { return "t" + std::to_string(k); };
  for (int k = 0; k < n; ++k) map.add(touchpoint(name(k), ""));
  for (int k = 1; k < n; ++k) {
    map.add(transition(name(0), name(k)));  // a hub
    map.add(transition(name(k), name(0)));
  }
  for (int k = 1; k < n; k += 2) map.rename_touchpoint(name(k), "renamed" + std::to_string(k));
  for (int k = 2; k < n; k += 2) map.remove_touchpoint(name(k), true);
  EXPECT_EQ(map.touchpoint_count(), n / 2 + 1U);
  EXPECT_EQ(map.transition_count(), static_cast<std::size_t>(n));
  EXPECT_EQ(map.successors("t0").front(), "renamed1");
  for (int k = 1; k < n; k += 2) map.remove_transition("t0", "renamed" + std::to_string(k));
  EXPECT_EQ(map.transition_count(), n / 2U);
}

}  // namespace
}  // namespace journeykit::journey
