// Questions about the way through a map. All answers stand in touchpoint order; unknown ids are NotFound.
#pragma once

#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

// Touchpoints that transitions lead to from any of `touchpoints`, these included.
std::vector<std::string> reachable_from(const JourneyMap& map, const std::vector<std::string>& touchpoints);

// Touchpoints from which transitions lead to any of `touchpoints`, these included: where its trouble may come from.
std::vector<std::string> leading_to(const JourneyMap& map, const std::vector<std::string>& touchpoints);

struct Where {  // what is given must hold; a list field holds when it has the value
  std::optional<std::string> stage{}, scene{}, channel{}, department{}, tag{}, owner{};
  std::optional<Visibility> visibility{};
  std::optional<Evidence> evidence{};
};

std::vector<std::string> touchpoints_where(const JourneyMap& map, const Where& where);

}  // namespace journeykit::journey
