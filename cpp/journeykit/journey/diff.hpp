// What two maps have different, element by element and field by field.
#pragma once

#include "journeykit/base/cancel.hpp"
#include "journeykit/io/value.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

enum class ChangeKind : std::uint8_t { Added, Removed, Changed, Moved };
std::string_view to_string(ChangeKind kind);

struct Change {
  ChangeKind kind = ChangeKind::Changed;
  std::string element{};        // "map", "stage", "scene", "touchpoint", "transition", "failure point"
  std::string id{};             // of a transition: its source
  std::string target{};         // of a transition
  std::string field{};          // empty when a whole element came or went; "position" when it moved
  io::Value before{}, after{};  // of the field, of the whole element, or of its position counted from 0
};

// Empty when and only when the maps are equal. In the order of the file format; per kind first what was removed, then
// what was added and changed, then the fewest moves that bring the rest into the new order. A renamed element is one
// removed and one added.
std::vector<Change> diff(const JourneyMap& before, const JourneyMap& after,
                         const base::Cancellation& cancellation = {});

}  // namespace journeykit::journey
