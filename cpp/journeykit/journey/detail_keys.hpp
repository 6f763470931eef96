// What makes an element the same one in two maps.
#pragma once

#include <map>
#include <utility>

#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

using Key = std::pair<std::string, std::string>;  // id and nothing, or source and target

inline Key key_of(const About& /*about*/) { return {}; }
inline Key key_of(const Transition& transition) { return {transition.source, transition.target}; }
template <class T>
Key key_of(const T& element) {
  return {element.id, {}};
}

template <class T>
std::vector<Key> keys_of(const std::vector<T>& elements) {
  std::vector<Key> keys;
  keys.reserve(elements.size());
  for (const T& element : elements) keys.push_back(key_of(element));
  return keys;
}

}  // namespace journeykit::journey
