#include "journeykit/journey/validate.hpp"

#include <gtest/gtest.h>

#include "journey/journey_maps.hpp"

namespace journeykit::journey {
namespace {

using Shown = std::vector<std::string>;

// "severity rule path" of the findings, without the infos about planned touchpoints
Shown shown(const JourneyMap& map, const Folding& folding = {}) {
  Shown out;
  for (const Finding& f : validate(map, folding)) {
    if (f.severity == Severity::Info && f.rule.ends_with("-missing") && f.element == "touchpoint" &&
        f.rule != "moves-missing") {
      continue;
    }
    out.push_back(std::string(to_string(f.severity)) + " " + f.rule + " " + f.path);
    EXPECT_FALSE(f.message.empty());
    EXPECT_FALSE(f.way_out.empty());
  }
  return out;
}

// One stage "Only" with these touchpoints, joined as drawn: {"a>b", "b>c"}.
JourneyMap drawn(const std::vector<std::string>& touchpoints, const std::vector<std::string>& transitions) {
  JourneyMap map;
  map.add(Stage{.id = "Only"});
  for (const std::string& id : touchpoints) map.add(touchpoint(id, "Only"));
  for (const std::string& t : transitions) map.add(transition(t.substr(0, t.find('>')), t.substr(t.find('>') + 1)));
  return map;
}

void count(JourneyMap& map, const std::string& id, TouchpointStatistics statistics) {
  Touchpoint t = map.touchpoint(id);
  t.statistics = statistics;
  t.evidence = Evidence::Observed;
  map.put(t);
}

void counted(JourneyMap& map, const std::string& source, const std::string& target, std::int64_t moves) {
  Transition t = map.transition(source, target);
  t.count = moves;
  map.put(t);
}

TEST(Validate, a_sound_map_has_only_infos) {
  EXPECT_EQ(shown(drawn({"a", "b", "c"}, {"a>b", "b>b", "b>c", "a>c"})), Shown{});
  const std::vector<Finding> findings = validate(drawn({"a"}, {}));
  ASSERT_EQ(findings.size(), 4U);
  EXPECT_EQ(findings[0].rule, "owner-missing");
  EXPECT_EQ(findings[0].element, "touchpoint");
  EXPECT_EQ(findings[0].id, "a");
  EXPECT_EQ(findings[0].message, "touchpoint 'a': nobody owns it");
  EXPECT_EQ(findings[0].way_out, "name who answers for it");
}

TEST(Validate, an_empty_map_and_one_without_stages_are_errors) {
  EXPECT_EQ(shown(JourneyMap()), (Shown{"error no-touchpoints /"}));
  JourneyMap map;
  map.add(touchpoint("a", ""));
  EXPECT_EQ(shown(map), (Shown{"error no-stages /"}));
  map.add(Stage{.id = "Only"});
  EXPECT_EQ(shown(map),
            (Shown{"error touchpoint-without-stage /touchpoints/0", "warning stage-without-touchpoints /stages/0"}));
}

TEST(Validate, empty_scenes_and_stages_are_named) {
  JourneyMap map = drawn({"a"}, {});
  map.add(Stage{.id = "Empty"});
  map.add(Scene{.id = "Quiet", .stage = "Only"});
  EXPECT_EQ(shown(map),
            (Shown{"warning stage-without-touchpoints /stages/1", "warning scene-without-touchpoints /scenes/0"}));
}

TEST(Validate, a_closed_loop_has_neither_start_nor_end) {
  EXPECT_EQ(shown(drawn({"a", "b"}, {"a>b", "b>a"})), (Shown{"error no-start /", "error no-end /"}));
}

TEST(Validate, a_loop_that_nobody_leaves_is_a_trap_and_one_that_nobody_enters_is_unreachable) {
  // a ─► b ⇄ c,  a ─► d        x ⇄ y ─► d
  EXPECT_EQ(shown(drawn({"a", "b", "c", "d"}, {"a>b", "b>c", "c>b", "a>d"})),
            (Shown{"error no-way-out /touchpoints/1", "error no-way-out /touchpoints/2"}));
  EXPECT_EQ(shown(drawn({"a", "d", "x", "y"}, {"a>d", "x>y", "y>x", "y>d"})),
            (Shown{"warning unreachable-touchpoint /touchpoints/2", "warning unreachable-touchpoint /touchpoints/3"}));
}

TEST(Validate, a_touchpoint_joined_to_nothing_is_named_when_others_are_joined) {
  EXPECT_EQ(shown(drawn({"a", "b", "alone"}, {"a>b", "alone>alone"})),
            (Shown{"warning touchpoint-without-transitions /touchpoints/2"}));
  EXPECT_EQ(shown(drawn({"a", "b"}, {})), (Shown{"info no-transitions /"}));
  EXPECT_EQ(shown(drawn({"a"}, {"a>a"})), Shown{});
}

TEST(Validate, a_drawn_touchpoint_without_a_way_on_before_the_last_stage_is_a_dead_end) {
  JourneyMap map = drawn({"a", "stuck", "b"}, {"a>stuck", "a>b"});
  EXPECT_EQ(shown(map), Shown{});
  map.add(Stage{.id = "Later"});
  Touchpoint b = map.touchpoint("b");
  b.stage = "Later";
  map.put(b);
  EXPECT_EQ(shown(map), (Shown{"warning dead-end /touchpoints/1"}));
}

TEST(Validate, counted_starts_and_ends_go_before_the_drawing) {
  // a ─► b ─► c, cases start at b and end at b: nobody is counted to end at c
  JourneyMap map = drawn({"a", "b", "c"}, {"a>b", "b>c"});
  count(map, "a", {.events = 1, .cases = 1});
  count(map, "b", {.events = 4, .cases = 4, .starts = 3, .ends = 3});
  count(map, "c", {.events = 1, .cases = 1});
  counted(map, "a", "b", 1);
  counted(map, "b", "c", 1);
  EXPECT_EQ(shown(map), (Shown{"warning unreachable-touchpoint /touchpoints/0", "warning dead-end /touchpoints/2"}));
}

TEST(Validate, probabilities_out_of_a_touchpoint_add_to_1) {
  const auto with = [](std::optional<double> ab, std::optional<double> ac) {
    JourneyMap map = drawn({"a", "b", "c"}, {"a>b", "a>c"});
    Transition t = map.transition("a", "b");
    t.probability = ab;
    map.put(t);
    t = map.transition("a", "c");
    t.probability = ac;
    map.put(t);
    return map;
  };
  EXPECT_EQ(shown(with(0.7, 0.3)), Shown{});
  EXPECT_EQ(shown(with(0.7, 0.3 + 1e-9)), Shown{});
  EXPECT_EQ(shown(with(0.7, 0.4)), (Shown{"error probabilities-above-1 /touchpoints/0"}));
  EXPECT_EQ(shown(with(0.7, 0.2)), (Shown{"warning probabilities-below-1 /touchpoints/0"}));
  EXPECT_EQ(shown(with(0.7, {})), (Shown{"warning probability-missing /touchpoints/0"}));
  EXPECT_EQ(validate(with(0.7, 0.4)).front().message,
            "touchpoint 'a': the probabilities of its transitions add to 1.1, more than 1");
  JourneyMap map = with(0.7, 0.3);
  counted(map, "a", "b", 70);
  counted(map, "a", "c", 30);
  EXPECT_EQ(shown(map), Shown{});
  counted(map, "a", "c", 40);  // 70 of 110 is .636
  EXPECT_EQ(shown(map), (Shown{"warning probability-against-counts /transitions/0",
                               "warning probability-against-counts /transitions/1"}));
}

TEST(Validate, the_share_of_events_that_end_the_journey_counts_towards_1) {
  const auto with = [](double probability, std::optional<std::int64_t> moves) {
    JourneyMap map = drawn({"a", "b"}, {"a>b"});
    count(map, "a", {.events = 10, .cases = 10, .starts = 10, .ends = 2});
    count(map, "b", {.events = 8, .cases = 8, .ends = 8});
    Transition t = map.transition("a", "b");
    t.probability = probability;
    t.count = moves;
    map.put(t);
    return map;
  };
  EXPECT_EQ(shown(with(0.8, 8)), Shown{});
  EXPECT_EQ(shown(with(0.8, {})), Shown{});
  EXPECT_EQ(shown(with(0.6, {})), (Shown{"warning probabilities-below-1 /touchpoints/0"}));
  EXPECT_EQ(shown(with(0.9, {})), (Shown{"error probabilities-above-1 /touchpoints/0"}));
  EXPECT_EQ(validate(with(0.9, {})).front().message,
            "touchpoint 'a': the probabilities of its transitions and the share that ends there make 1.1, more than 1");
  EXPECT_EQ(shown(with(0.6, 6)), (Shown{"info moves-missing /touchpoints/0"}));  // a map without its rare moves
  EXPECT_EQ(shown(with(0.6, 8)), (Shown{"warning probability-against-counts /transitions/0"}));
}

TEST(Validate, counts_that_cannot_be_are_errors_and_missing_moves_an_info) {
  const auto with = [](TouchpointStatistics a, std::int64_t moves) {
    JourneyMap map = drawn({"a", "b"}, {"a>b"});
    count(map, "a", a);
    counted(map, "a", "b", moves);
    count(map, "b", {.events = moves, .cases = moves, .ends = moves});
    return shown(map);
  };
  const std::string wrong = "error counts-contradict /touchpoints/0";
  EXPECT_EQ(with({.events = 5, .cases = 5, .customers = 4, .starts = 5}, 5), Shown{});
  EXPECT_EQ(with({.events = 5, .cases = 5, .starts = 5}, 4), (Shown{"info moves-missing /touchpoints/0"}));
  EXPECT_EQ(with({.events = 5, .cases = 5, .starts = 5}, 6), (Shown{wrong}));
  EXPECT_EQ(with({.events = 5, .cases = 6, .starts = 5}, 5), (Shown{wrong}));
  EXPECT_EQ(with({.events = 5, .cases = 5, .customers = 6, .starts = 5}, 5), (Shown{wrong}));
  EXPECT_EQ(with({.events = 5, .cases = 4, .starts = 5}, 5), (Shown{wrong}));

  JourneyMap map = drawn({"a", "b"}, {"a>b"});
  map.set_about({.cases = 3, .events = 4});
  count(map, "a", {.events = 5, .cases = 5, .starts = 1});
  EXPECT_EQ(shown(map), (Shown{wrong, wrong}));  // more cases, and more events, than the whole map has

  JourneyMap moves = drawn({"a", "b"}, {"a>b"});
  Transition t = moves.transition("a", "b");
  t.count = 2;
  t.cases = 3;
  t.times = TimeSummary{3, 1, 1, 1, 1, 1};
  moves.put(t);
  EXPECT_EQ(shown(moves), (Shown{"error counts-contradict /transitions/0", "error counts-contradict /transitions/0"}));
}

TEST(Validate, counts_that_would_overflow_a_sum_are_held_at_the_largest) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  JourneyMap map = drawn({"a", "b"}, {"a>b", "a>a"});
  counted(map, "a", "b", most);
  counted(map, "a", "a", most);
  EXPECT_EQ(shown(map), Shown{});
}

TEST(Validate, times_that_contradict_each_other_are_named) {
  JourneyMap map = drawn({"a", "b"}, {"a>b"});
  Transition t = map.transition("a", "b");
  t.times = TimeSummary{3, 9, 2, 3, 1, 4};  // mean above max
  map.put(t);
  EXPECT_EQ(shown(map), (Shown{"warning times-contradict /transitions/0"}));
  t.times = TimeSummary{3, 2, 3, 2, 1, 4};  // p90 below median
  map.put(t);
  EXPECT_EQ(shown(map), (Shown{"warning times-contradict /transitions/0"}));
  count(map, "a", {.events = 3, .cases = 3, .starts = 3, .duration = TimeSummary{4, 2, 2, 2, 3, 4}});
  EXPECT_EQ(shown(map), (Shown{"error counts-contradict /touchpoints/0", "warning times-contradict /touchpoints/0",
                               "warning times-contradict /transitions/0"}));
}

TEST(Validate, observed_elements_have_data) {
  JourneyMap map = drawn({"a", "b"}, {"a>b"});
  Touchpoint a = map.touchpoint("a");
  a.evidence = Evidence::Observed;
  map.put(a);
  Transition t = map.transition("a", "b");
  t.evidence = Evidence::Observed;
  map.put(t);
  EXPECT_EQ(shown(map),
            (Shown{"warning observed-without-data /touchpoints/0", "warning observed-without-data /transitions/0"}));
  a.metrics = {{.name = "CSAT", .value = 4}};
  map.put(a);
  EXPECT_EQ(shown(map), (Shown{"warning observed-without-data /transitions/0"}));
}

TEST(Validate, ids_that_look_alike_or_hide_something_are_named) {
  EXPECT_EQ(shown(drawn({"Call back", "call-back"}, {"Call back>call-back"})),
            (Shown{"warning ids-look-alike /touchpoints/1"}));
  EXPECT_EQ(shown(drawn({"a", "a\xE2\x80\x8B"}, {"a>a\xE2\x80\x8B"})),
            (Shown{"warning id-with-invisible-characters /touchpoints/1"}));
  const Folding folding = [](const std::string& id) { return id == "Straße" ? std::string("strasse") : id; };
  JourneyMap map = drawn({"Straße", "strasse"}, {"Straße>strasse"});
  EXPECT_EQ(shown(map), Shown{});
  EXPECT_EQ(shown(map, folding), (Shown{"warning ids-look-alike /touchpoints/1"}));
  EXPECT_EQ(validate(map, folding).front().message, "touchpoint 'strasse': its id looks like 'Straße'");
}

TEST(Validate, failure_points_say_cause_size_and_currency) {
  JourneyMap map = drawn({"a"}, {});
  map.add(FailurePoint{.id = "f", .touchpoint = "a", .loss_amount = 3});
  EXPECT_EQ(shown(map), (Shown{"warning currency-missing /", "warning failure-point-without-cause /failure_points/0",
                               "info failure-point-not-sized /failure_points/0"}));
  map.set_about({.currency = "EUR"});
  map.put(FailurePoint{.id = "f", .touchpoint = "a", .cause = "x", .frequency_share = 0.1, .loss_amount = 3});
  EXPECT_EQ(shown(map), Shown{});
}

TEST(Validate, random_maps_are_examined_without_a_fall) {
  std::set<std::string> rules;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Severity last = Severity::Error;
    for (const Finding& finding : validate(RandomMaps(seed).map())) {
      EXPECT_LE(last, finding.severity);
      last = finding.severity;
      rules.insert(finding.rule);
    }
  }
  EXPECT_GT(rules.size(), 20U);
}

}  // namespace
}  // namespace journeykit::journey
