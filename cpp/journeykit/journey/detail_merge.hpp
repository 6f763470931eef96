// Three-way merges of one field, one element and one order, for merge().
#pragma once

#include <set>

#include "journeykit/journey/detail_keys.hpp"
#include "journeykit/journey/merge.hpp"

namespace journeykit::journey {

template <class T>
struct Three {
  const T *base, *ours, *theirs;  // null where it is not there
};

// Both sides have the element.
About merge_element(const Three<About>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts);
Stage merge_element(const Three<Stage>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts);
Scene merge_element(const Three<Scene>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts);
Touchpoint merge_element(const Three<Touchpoint>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts);
Transition merge_element(const Three<Transition>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts);
FailurePoint merge_element(const Three<FailurePoint>& three, std::optional<Side> prefer,
                           std::vector<Conflict>& conflicts);

// The order of `kept`, which are all in `ours` or `theirs`: that of the side that reordered what all three share, new
// elements behind the one they followed on their side. `clash` when both sides reordered in different ways.
struct MergedOrder {
  std::vector<Key> keys;
  bool clash = false;
};
MergedOrder merge_order(const Three<std::vector<Key>>& three, const std::set<Key>& kept, std::optional<Side> prefer);

}  // namespace journeykit::journey
