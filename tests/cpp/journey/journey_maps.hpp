// Maps that several tests of this room share.
#pragma once

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

}  // namespace journeykit::journey
