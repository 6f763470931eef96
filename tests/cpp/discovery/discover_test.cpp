#include "journeykit/discovery/discover.hpp"

#include <gtest/gtest.h>

#include "discovery/log_of_paths.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/discovery/compare.hpp"

namespace journeykit::discovery {
namespace {

using journey::Evidence;
using journey::JourneyMap;
using test::integers;
using test::log_of;
using test::make_log;
using test::texts;
using Names = std::vector<std::string>;

const base::Cancellation kNeverCancelled;

JourneyMap map_of(const events::EventLog& log, DiscoverOptions options = {}) {
  return discover(log, segments(log, {}), options, kNeverCancelled).front();
}

JourneyMap load(const JourneyMap& drawn, const events::EventLog& log, DiscoverOptions options = {}) {
  return load_onto(drawn, log, segments(log, {}), options, kNeverCancelled).front();
}

TEST(Discover, DrawsWhatTheLogShows) {
  //  A → B → C (twice), A → B, B: from B 2 of 4 events go on to C, 2 end there
  const JourneyMap map = map_of(log_of({"ABC", "ABC", "AB", "B"}), {"shop", {{"One", {"A"}}, {"Two", {"*"}}}, 1, 1});
  EXPECT_EQ(map.about().name, "shop");
  EXPECT_EQ(map.about().cases, 4);
  EXPECT_EQ(map.about().events, 9);
  EXPECT_EQ(map.touchpoint("A").stage, "One");
  EXPECT_EQ(map.touchpoint("B").statistics->events, 4);
  EXPECT_EQ(map.touchpoint("B").statistics->ends, 2);
  EXPECT_EQ(map.touchpoint("B").statistics->starts, 1);
  EXPECT_EQ(map.touchpoint("B").evidence, Evidence::Observed);
  EXPECT_EQ(map.transition_count(), 2U);
  const journey::Transition& step = map.transition("B", "C");
  EXPECT_EQ(step.count, 2);
  EXPECT_DOUBLE_EQ(*step.probability, 0.5);
  EXPECT_DOUBLE_EQ(step.times->median_seconds, 10);
}

TEST(Discover, ProbabilitiesAndTheShareOfEndsAddUpToOne) {
  const JourneyMap map = map_of(log_of({"ABCAB", "ABBC", "CBA", "A"}));
  for (const auto& touchpoint : map.touchpoints()) {
    double sum = static_cast<double>(touchpoint.statistics->ends) / static_cast<double>(touchpoint.statistics->events);
    for (const std::string& next : map.successors(touchpoint.id))
      sum += *map.transition(touchpoint.id, next).probability;
    EXPECT_NEAR(sum, 1, 1e-12) << touchpoint.id;
  }
}

TEST(Discover, CollectsChannelsAndDepartments) {
  events::LogOptions options;
  options.role(events::Role::Channel) = "channel";
  options.role(events::Role::Department) = "team";
  const auto log = make_log(
      {{"1", "A", 0}, {"2", "A", 0}, {"3", "A", 0}, {"3", "B", 5}}, options,
      {{"channel", test::text_column({"web", "phone", "web", ""})}, {"team", test::text_column({"x", "", "", ""})}});
  const JourneyMap map = map_of(log);
  EXPECT_EQ(map.touchpoint("A").channels, (Names{"phone", "web"}));
  EXPECT_EQ(map.touchpoint("A").departments, Names{"x"});
  EXPECT_TRUE(map.touchpoint("B").channels.empty());
}

TEST(Discover, LeavesOutWhatFewCasesShow) {
  const JourneyMap map = map_of(log_of({"AB", "AB", "AC"}), {"", {}, 2, 1});
  EXPECT_FALSE(map.has_touchpoint("C"));
  EXPECT_TRUE(map.has_transition("A", "B"));
  EXPECT_NEAR(*map.transition("A", "B").probability, 2.0 / 3, 1e-15);  // still of all events at A
}

TEST(Discover, SegmentsShareTheStagesOfTheWholeLog) {
  const auto log = make_log({{"1", "A", 0}, {"1", "B", 1}, {"1", "C", 2}, {"2", "C", 0}}, {},
                            {{"plan", test::text_column({"x", "x", "x", "y"})}});
  const auto maps = discover(log, segments(log, {"plan"}), {}, kNeverCancelled);
  ASSERT_EQ(maps.size(), 2U);
  EXPECT_EQ(maps[0].stages().size(), maps[1].stages().size());
  EXPECT_EQ(maps[0].touchpoint("C").stage, maps[1].touchpoint("C").stage);
  EXPECT_FALSE(maps[1].has_touchpoint("A"));
}

TEST(Discover, OfAnEmptyLogIsAnEmptyMap) {
  const JourneyMap map = map_of(log_of({}));
  EXPECT_EQ(map.touchpoint_count(), 0U);
  EXPECT_EQ(map.about().cases, 0);
}

TEST(Discover, RefusesWhatAMapCannotHold) {
  EXPECT_THROW(map_of(log_of({"A"}), {"", {}, 0, 1}), base::InvalidInput);
  EXPECT_THROW(map_of(make_log({{"1", "", 0}})), base::InvalidInput);
}

//  S → O, C, L   O → K, F   C → O, F, L   F → K, L
JourneyMap drawn_map() {
  JourneyMap map;
  for (const char* stage : {"Before", "Service", "After"}) {
    journey::Stage one;
    one.id = stage;
    map.add(one);
  }
  const auto add = [&](const char* id, const char* stage) {
    journey::Touchpoint touchpoint;
    touchpoint.id = id;
    touchpoint.stage = stage;
    touchpoint.owner = "Ann";
    map.add(touchpoint);
  };
  add("S", "Before");
  for (const char* id : {"O", "C", "F"}) add(id, "Service");
  add("K", "After");
  add("L", "After");
  for (const std::string edge : {"SO", "SC", "SL", "OK", "OF", "CO", "CF", "CL", "FK", "FL"}) {
    journey::Transition transition;
    transition.source = edge[0];
    transition.target = edge[1];
    map.add(transition);
  }
  return map;
}

std::vector<std::string> repeated(std::initializer_list<std::pair<const char*, int>> paths) {
  std::vector<std::string> out;
  for (const auto& [path, times] : paths) out.insert(out.end(), static_cast<std::size_t>(times), path);
  return out;
}

// SCIENCE.md §22: 270 of 300 steps along drawn edges, 5 of 11 drawn edges unused. The five here are those that no step
// takes; an optimal alignment reads SCFCOK without its loop and so names C→F in place of C→L.
TEST(Compare, CountsStepsAlongDrawnEdges) {
  const auto log = log_of(repeated({{"SOK", 60}, {"SCFCOK", 10}, {"SK", 20}, {"SC", 10}}));
  const Comparison found = compare(drawn_map(), log, 1, kNeverCancelled);
  EXPECT_EQ(found.steps, 300);
  EXPECT_EQ(found.drawn_steps, 270);
  EXPECT_EQ(found.drawn_edges, 11);  // ten and the entry S
  EXPECT_EQ(found.unused_edges, 5);
  EXPECT_EQ(found.undrawn_edges, 2);
  const auto source = texts(found.edges, "source"), target = texts(found.edges, "target");
  const auto& count = integers(found.edges, "count");
  EXPECT_EQ(source[0] + target[0], "-S");
  EXPECT_EQ(count[0], 100);
  std::string unused;
  for (std::size_t k = 0; k < count.size(); ++k) {
    if (count[k] == 0) unused += source[k] + target[k] + " ";
  }
  EXPECT_EQ(unused, "CL FK FL OF SL ");
}

TEST(Compare, WithoutAnEntryTakesTheFirstStage) {
  JourneyMap map = drawn_map();
  journey::Transition back;
  back.source = "K";
  back.target = "S";
  map.add(back);
  const auto log = log_of({"SO"});
  EXPECT_EQ(compare(map, log, 1, kNeverCancelled).drawn_steps, 2);
}

TEST(Compare, TakesTheStartsThatTheMapKnows) {
  const auto log = log_of({"AB", "BA"});  // each leads to the other, and cases start at both
  const Comparison found = compare(map_of(log), log, 1, kNeverCancelled);
  EXPECT_EQ(found.drawn_steps, 4);
  EXPECT_EQ(found.unused_edges, 0);
}

TEST(LoadOnto, KeepsTheDrawingAndFillsInWhatTheLogShows) {
  const JourneyMap map = load(drawn_map(), log_of({"SOK", "SOK", "SK", "SX"}));
  EXPECT_EQ(map.touchpoint("S").owner, "Ann");
  EXPECT_EQ(map.touchpoint("S").stage, "Before");
  EXPECT_EQ(map.touchpoint("S").evidence, Evidence::Observed);
  EXPECT_EQ(map.touchpoint("S").statistics->events, 4);
  EXPECT_EQ(map.touchpoint("F").evidence, Evidence::Assumed);
  EXPECT_EQ(map.touchpoint("F").statistics->events, 0);
  EXPECT_EQ(map.touchpoint("X").stage, kUndrawnStage);
  EXPECT_EQ(map.transition("S", "O").count, 2);
  EXPECT_EQ(map.transition("S", "O").evidence, Evidence::Observed);
  EXPECT_EQ(map.transition("S", "L").count, 0);
  EXPECT_DOUBLE_EQ(*map.transition("S", "L").probability, 0);
  EXPECT_FALSE(map.transition("F", "K").probability.has_value()) << "no event at F: no data";
  EXPECT_EQ(map.transition("S", "K").count, 1);  // not drawn, seen
  EXPECT_EQ(map.stage("Before").evidence, Evidence::Observed);
  EXPECT_EQ(map.stage("Service").evidence, Evidence::PartlyObserved);  // O seen, C and F not
  EXPECT_EQ(map.about().cases, 4);
}

TEST(LoadOnto, WhatWasObservedOnceIsPartlyObservedWhenUnseenNow) {
  const JourneyMap before = load(drawn_map(), log_of({"SCFK"}));
  const JourneyMap now = load(before, log_of({"SOK"}));
  EXPECT_EQ(now.touchpoint("F").evidence, Evidence::PartlyObserved);
  EXPECT_EQ(now.transition("C", "F").evidence, Evidence::PartlyObserved);
  EXPECT_FALSE(now.transition("C", "F").times.has_value());
}

TEST(LoadOnto, FindsTouchpointsByIdThenByTheirOnlyName) {
  JourneyMap map;
  const auto add = [&](const char* id, const char* name) {
    journey::Touchpoint touchpoint;
    touchpoint.id = id;
    touchpoint.name = name;
    map.add(touchpoint);
  };
  add("t1", "A");
  add("t2", "twice");
  add("t3", "twice");
  add("B", "A and B");
  const auto log = make_log({{"1", "A", 0}, {"1", "B", 1}, {"1", "twice", 2}});
  EXPECT_EQ(drawn_ids(map, log), (Names{"t1", "B", ""}));
  const JourneyMap loaded = load(map, log);
  EXPECT_EQ(loaded.touchpoint("t1").statistics->events, 1);
  EXPECT_EQ(loaded.transition("t1", "B").count, 1);
  EXPECT_EQ(loaded.touchpoint("twice").stage, kUndrawnStage);
}

TEST(LoadOnto, KeepsRareDrawnElementsAndLeavesOutRareUndrawnOnes) {
  const JourneyMap map = load(drawn_map(), log_of({"SOK", "SX", "SK", "SK"}), {"", {}, 2, 1});
  EXPECT_EQ(map.transition("S", "O").count, 1);
  EXPECT_FALSE(map.has_touchpoint("X"));
  EXPECT_TRUE(map.has_transition("S", "K"));
}

}  // namespace
}  // namespace journeykit::discovery
