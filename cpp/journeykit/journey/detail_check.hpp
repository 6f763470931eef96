// The rules that one element can break by itself. tidy() brings it into its one form (sorted lists, a name) and throws
// InvalidInput when a text or number is out of range. References are the map's business (map.cpp).
#pragma once

#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

inline constexpr std::size_t kLongestText = std::size_t{64} << 10U;  // bytes

void tidy(About& about);
void tidy(Stage& stage);
void tidy(Scene& scene);
void tidy(Touchpoint& touchpoint);
void tidy(Transition& transition);
void tidy(FailurePoint& failure_point);

}  // namespace journeykit::journey
