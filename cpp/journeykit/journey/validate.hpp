// What is allowed but unwise in a map, all at once. An error makes numbers drawn from the map wrong or impossible, a
// warning is most likely a slip, an info is something that a planned map should still say.
#pragma once

#include <functional>

#include "journeykit/base/cancel.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

enum class Severity : std::uint8_t { Error, Warning, Info };
std::string_view to_string(Severity severity);

struct Finding {
  Severity severity = Severity::Info;
  std::string rule{};     // stable: for filters and for people who look it up
  std::string element{};  // "touchpoint", "transition", …, "map"
  std::string id{};       // of the element; "source → target" for a transition
  std::string path{};     // JSON pointer into the saved map
  std::string message{}, way_out{};
};

// How a text is folded before ids are compared for look-alikes, such as NFKC and full case folding; without one, only
// ASCII letters are folded (the engine carries no Unicode tables).
using Folding = std::function<std::string(const std::string&)>;

// Errors first, then warnings, then infos; within these in the order of the saved map.
std::vector<Finding> validate(const JourneyMap& map, const Folding& folding = {},
                              const base::Cancellation& cancellation = {});

}  // namespace journeykit::journey
