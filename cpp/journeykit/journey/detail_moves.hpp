// The map as plain numbers for one pass over it: touchpoints and transitions by position.
#pragma once

#include <cstdint>
#include <map>

#include "journeykit/base/cancel.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

struct Moves {
  struct Step {
    std::uint32_t other;       // the touchpoint at the other end
    std::uint32_t transition;  // its position in `transitions`
  };

  explicit Moves(const JourneyMap& map, const base::Cancellation& cancellation = {});
  Moves(const Moves&) = delete;  // `position` points into `touchpoints`
  Moves& operator=(const Moves&) = delete;
  std::vector<std::uint32_t> positions(const JourneyMap& map, const std::vector<std::string>& ids) const;

  std::vector<Touchpoint> touchpoints;
  std::vector<Transition> transitions;
  std::vector<std::vector<Step>> out, in;  // for each touchpoint
  std::map<std::string_view, std::uint32_t> position;
};

// Marks what is reached from `starts` along `steps`, starts included.
std::vector<bool> reached(const std::vector<std::vector<Moves::Step>>& steps, std::vector<std::uint32_t> starts);

}  // namespace journeykit::journey
