// Maps that several tests of this room share.
#pragma once

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "journeykit/base/error.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

inline Touchpoint touchpoint(std::string id, std::string stage) {
  Touchpoint out;
  out.id = std::move(id);
  out.stage = std::move(stage);
  return out;
}

inline Transition transition(std::string source, std::string target) {
  Transition out;
  out.source = std::move(source);
  out.target = std::move(target);
  return out;
}

// Before      Help
// Page ──┬──► Call ⟲ ──┐       scene Talk: Call
//        ├──► Chat ────┼──► Close
//        └─────────────┘        failure points: Wait on Call, Lost on Page → Call
inline JourneyMap support() {
  JourneyMap map({.name = "Support", .currency = "EUR"});
  map.add(Stage{.id = "Before"});
  map.add(Stage{.id = "Help"});
  map.add(Scene{.id = "Talk", .stage = "Help"});
  map.add(touchpoint("Page", "Before"));
  Touchpoint call = touchpoint("Call", "Help");
  call.scene = "Talk";
  map.add(call);
  map.add(touchpoint("Chat", "Help"));
  map.add(touchpoint("Close", "Help"));
  map.add(transition("Chat", "Close"));
  map.add(transition("Page", "Close"));
  map.add(transition("Page", "Call"));
  map.add(transition("Call", "Close"));
  map.add(transition("Call", "Call"));
  map.add(transition("Page", "Chat"));
  map.add(FailurePoint{.id = "Wait", .touchpoint = "Call"});
  map.add(FailurePoint{.id = "Lost", .source = "Page", .target = "Call"});
  return map;
}

// A map edited at random, and the same edits on plain lists.
struct EditedMap {
  explicit EditedMap(std::uint64_t seed) : random(seed) {
    map.add(Stage{.id = "s0"});
    map.add(Stage{.id = "s1"});
  }

  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); }
  const std::string& any() { return touchpoints[below(touchpoints.size())]; }

  void step() {
    const std::size_t choice = below(8);
    if (choice < 3 || touchpoints.empty()) {
      const std::string id = "t" + std::to_string(++made);
      map.add(touchpoint(id, below(2) == 0 ? "s0" : "s1"));
      touchpoints.push_back(id);
    } else if (choice < 6) {
      const std::string source = any(), target = any();
      Transition t = transition(source, target);
      if (below(2) == 0) t.count = static_cast<std::int64_t>(below(100));
      map.put(t);
      edges.emplace(source, target);
      if (below(3) == 0) map.put(FailurePoint{.id = "f" + source, .source = source, .target = target});
    } else if (choice == 6) {
      const std::string id = any();
      map.remove_touchpoint(id, true);
      std::erase(touchpoints, id);
      std::erase_if(edges, [&](const auto& edge) { return edge.first == id || edge.second == id; });
    } else {
      const std::string id = any(), new_id = "r" + std::to_string(++made);
      map.rename_touchpoint(id, new_id);
      std::replace(touchpoints.begin(), touchpoints.end(), id, new_id);
      std::set<std::pair<std::string, std::string>> renamed;
      for (const auto& [source, target] : edges) {
        renamed.emplace(source == id ? new_id : source, target == id ? new_id : target);
      }
      edges = std::move(renamed);
    }
  }

  JourneyMap map;
  std::vector<std::string> touchpoints;
  std::set<std::pair<std::string, std::string>> edges;
  std::mt19937_64 random;
  int made = 0;
};

struct SeededChoice {
  explicit SeededChoice(std::uint64_t seed) : random(seed) {}
  std::size_t below(std::size_t n) { return random() % n; }  // the same with every standard library
  std::mt19937_64 random;
};

// Maps with every field in use, from small pools of ids so that two edited copies meet. `Choice` draws: from a seeded
// stream in the tests, from its input in the fuzz target.
template <class Choice>
class DrawnMaps {
 public:
  explicit DrawnMaps(Choice choice) : choice_(std::move(choice)) {}

  JourneyMap map(std::size_t edits = 40) {
    JourneyMap out({.name = text(), .description = text(), .currency = below(2) == 0 ? "EUR" : "", .cases = count()});
    for (std::size_t k = 0; k < edits; ++k) edit(out);
    return out;
  }

  // One valid edit, or nothing when the one drawn does not fit.
  void edit(JourneyMap& map) {
    try {
      switch (below(18)) {
        case 0:
          map.put(Stage{id("s", 3), text(), text(), text(), evidence()});
          break;
        case 1:
          map.put(Scene{id("c", 3), text(), id("s", 3), text(), evidence()});
          break;
        case 2:
        case 3:
        case 4:
          map.put(touchpoint(map));
          break;
        case 5:
        case 6:
        case 7:
          map.put(transition());
          break;
        case 8:
        case 9:
          map.put(failure_point(map));
          break;
        case 10:
          map.remove_touchpoint(id("t", 5), below(2) == 0);
          break;
        case 11:
          map.remove_stage(id("s", 3), below(2) == 0);
          break;
        case 12:
          map.remove_scene(id("c", 3), below(2) == 0);
          break;
        case 13:
          map.remove_failure_point(id("f", 4));
          break;
        case 14:
          map.remove_transition(id("t", 5), id("t", 5), below(2) == 0);
          break;
        case 15:
          map.rename_touchpoint(id("t", 5), id("t", 6));
          break;
        case 16:
          map.set_about({.name = text(), .currency = below(2) == 0 ? "EUR" : "CNY", .events = count()});
          break;
        default: {
          std::vector<std::string> order;
          for (const Stage& stage : map.stages()) order.push_back(stage.id);
          shuffle(order);
          map.order_stages(order);
        }
      }
    } catch (const base::Error&) {
      return;
    }
  }

  std::size_t below(std::size_t n) { return choice_.below(n); }

 private:
  template <class T>
  void shuffle(std::vector<T>& list) {
    for (std::size_t k = list.size(); k > 1; --k) std::swap(list[k - 1], list[below(k)]);
  }
  std::string id(const char* kind, std::size_t most) { return kind + std::to_string(below(most)); }
  std::string text() {
    static const std::vector<std::string> texts = {
        "", "", "a", "Straße", "客服 👩‍👩‍👧", "\"quoted\"\n\t\\", "</script>"};
    return texts[below(texts.size())];
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    for (std::size_t k = below(4); k > 0; --k) out.push_back("x" + std::to_string(below(4)));
    return out;
  }
  Evidence evidence() { return static_cast<Evidence>(below(3)); }
  std::optional<std::int64_t> count() {
    if (below(2) == 0) return std::nullopt;
    return static_cast<std::int64_t>(below(50));
  }
  std::optional<double> share() {
    if (below(2) == 0) return std::nullopt;
    return static_cast<double>(below(1000)) / 999;
  }
  TimeSummary times() { return {5, 0.1 + static_cast<double>(below(3)), 1, 2.5, -1, 1e6 / 3}; }

  Touchpoint touchpoint(const JourneyMap& map) {
    Touchpoint out;
    out.id = id("t", 5);
    out.name = text();
    if (below(3) == 0 && !map.scenes().empty()) {
      out.scene = map.scenes()[below(map.scenes().size())].id;
    } else if (below(4) != 0) {
      out.stage = id("s", 3);
    }
    out.description = text();
    out.channels = texts();
    out.departments = texts();
    out.visibility = static_cast<Visibility>(below(2));
    out.need = text();
    out.emotion = share();
    for (std::size_t k = 0; k < 3; ++k) {
      if (below(2) == 0) continue;
      MetricSummary metric{.name = "m" + std::to_string(k), .value = static_cast<double>(below(3)) / 3};
      if (below(2) == 0) metric.low = -1e-3, metric.high = 1.0;
      out.metrics.push_back(metric);
    }
    shuffle(out.metrics);
    if (below(2) == 0) {
      out.statistics = TouchpointStatistics{.events = 9, .cases = 8, .customers = 7, .starts = 2, .ends = 1};
      if (below(2) == 0) out.statistics->duration = times();
    }
    out.owner = text();
    out.tags = texts();
    out.evidence = evidence();
    return out;
  }

  Transition transition() {
    Transition out{
        .source = id("t", 5), .target = id("t", 5), .count = count(), .cases = count(), .probability = share()};
    if (below(3) == 0) out.times = times();
    out.evidence = evidence();
    return out;
  }

  FailurePoint failure_point(const JourneyMap& map) {
    FailurePoint out{.id = id("f", 4), .name = text()};
    const std::vector<Transition> transitions = map.transitions();
    if (below(2) == 0 || transitions.empty()) {
      out.touchpoint = id("t", 5);
    } else {
      const Transition& transition = transitions[below(transitions.size())];
      out.source = transition.source;
      out.target = transition.target;
    }
    out.cause = text();
    out.description = text();
    out.contact_reasons = texts();
    out.frequency_share = share();
    out.loss_amount = share();
    out.detection_share = share();
    out.evidence = evidence();
    return out;
  }

  Choice choice_;
};

struct RandomMaps : DrawnMaps<SeededChoice> {
  explicit RandomMaps(std::uint64_t seed) : DrawnMaps(SeededChoice(seed)) {}
};

}  // namespace journeykit::journey
