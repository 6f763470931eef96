// Two edited copies of one map into one, field by field. Where both sides changed a thing in different ways it is a
// conflict: it is listed, and the map takes what `prefer` says. Without a preference the map takes our field, and keeps
// an element that one side changed or refers to though the other removed it: nobody's work is lost.
//
// Channels, departments and tags merge as sets, metrics by name; a touchpoint's stage and scene are one field, so is
// what a failure point stands on. Elements are the same by id: a rename is one removed and one added.
#pragma once

#include "journeykit/base/cancel.hpp"
#include "journeykit/io/value.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

enum class Side : std::uint8_t { Ours, Theirs };
Side side_named(std::string_view name);  // "ours" or "theirs", else InvalidInput

struct Conflict {
  std::string element{}, id{}, target{};  // as of Change
  std::string field{};                    // empty: one side removed the element, the other needs it
  io::Value base{}, ours{}, theirs{};     // of the field, or of the whole element; null where it is not there
};

struct MergeResult {
  JourneyMap map;
  std::vector<Conflict> conflicts;  // the same for any preference
};

// The result is a valid map. When an element goes by preference, what refers to it goes back to the reference it has on
// the preferred side; where that does not stand either, a scene, transition or failure point goes too, and a touchpoint
// is left without stage or scene.
MergeResult merge(const JourneyMap& base, const JourneyMap& ours, const JourneyMap& theirs,
                  std::optional<Side> prefer = std::nullopt, const base::Cancellation& cancellation = {});

}  // namespace journeykit::journey
