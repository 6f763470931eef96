// Three maps drawn and edited as the bytes say: diff and merge keep the laws that their headers promise.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "journey/journey_maps.hpp"
#include "journeykit/io/json.hpp"
#include "journeykit/journey/diff.hpp"
#include "journeykit/journey/map_json.hpp"
#include "journeykit/journey/merge.hpp"
#include "journeykit/journey/validate.hpp"
#include "support.hpp"

namespace {

using namespace journeykit;
using fuzz::require;
using journey::Change;
using journey::ChangeKind;
using journey::Conflict;
using journey::JourneyMap;
using journey::merge;
using journey::MergeResult;
using journey::Side;

struct BytesChoice {
  std::size_t below(std::size_t n) { return bytes->below(n); }
  fuzz::Bytes* bytes;
};
using Maps = journey::DrawnMaps<BytesChoice>;

std::vector<std::string> shown(const std::vector<Conflict>& conflicts, bool swapped = false) {
  std::vector<std::string> out;
  for (const Conflict& c : conflicts) {
    out.push_back(c.element + "|" + c.id + "|" + c.target + "|" + c.field + "|" + io::write_json(c.base) +
                  io::write_json(swapped ? c.theirs : c.ours) + io::write_json(swapped ? c.ours : c.theirs));
  }
  std::sort(out.begin(), out.end());
  return out;
}

void check_clean(const JourneyMap& base, const JourneyMap& ours, const JourneyMap& theirs, const JourneyMap& expected,
                 std::optional<Side> prefer) {
  const MergeResult merged = merge(base, ours, theirs, prefer);
  require(merged.conflicts.empty(), "what only one side changed, or both alike, is no conflict");
  require(merged.map == expected, "what only one side changed, or both alike, is taken");
}

bool same_change_turned_round(const Change& a, const Change& b) {
  const auto turned = [](ChangeKind kind) {
    if (kind == ChangeKind::Added) return ChangeKind::Removed;
    if (kind == ChangeKind::Removed) return ChangeKind::Added;
    return kind;
  };
  return a.kind == turned(b.kind) && a.element == b.element && a.id == b.id && a.target == b.target &&
         a.field == b.field && a.before == b.after && a.after == b.before;
}

void check_diff(const JourneyMap& before, const JourneyMap& after) {
  const std::vector<Change> changes = journey::diff(before, after), back = journey::diff(after, before);
  require(changes.empty() == (before == after), "a difference is empty when and only when the maps are equal");
  require(changes.size() == back.size(), "there and back differ in equally many things");
  for (const Change& change : changes) {
    if (change.kind == ChangeKind::Moved) continue;  // which of two elements moved past the other is open
    const auto turned = [&](const Change& other) { return same_change_turned_round(change, other); };
    require(std::any_of(back.begin(), back.end(), turned), "each change, turned round, leads back");
  }
}

void check_whole(const JourneyMap& map) {
  const std::string text = journey::to_json(map);
  const JourneyMap again = journey::from_json(text);
  require(again == map && journey::to_json(again) == text, "a merged map saves and loads");
  for (const journey::Finding& finding : journey::validate(map)) require(!finding.rule.empty(), "a finding has a rule");
}

void check_sides(const JourneyMap& base, const JourneyMap& ours, const JourneyMap& theirs, std::optional<Side> prefer) {
  const MergeResult merged = merge(base, ours, theirs, prefer), swapped = merge(base, theirs, ours);
  require(shown(merged.conflicts) == shown(swapped.conflicts, true),
          "conflicts are the same from both sides and for any preference");
  if (!merged.conflicts.empty()) return;
  require(merge(base, ours, theirs).map == merged.map, "without a conflict the preference does not matter");
  require(merged.map.touchpoint_count() == swapped.map.touchpoint_count() &&
              merged.map.transition_count() == swapped.map.transition_count(),
          "without a conflict the sides do not matter");
}

}  // namespace

// Which laws an input is held to is part of the input: all of them on each would be ten times slower.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most_edits = 12, most_edits_of_a_side = 6;
  fuzz::Bytes bytes(data, size);
  const std::size_t law = bytes.below(12);
  const std::optional<Side> prefer =
      law % 3 == 0 ? std::nullopt : std::optional(law % 3 == 1 ? Side::Ours : Side::Theirs);
  Maps maps(BytesChoice{&bytes});
  const JourneyMap base = maps.map(bytes.below(most_edits));
  JourneyMap ours = base, theirs = base;
  for (std::size_t k = bytes.below(most_edits_of_a_side); k > 0; --k) maps.edit(ours);
  for (std::size_t k = bytes.below(most_edits_of_a_side); k > 0; --k) maps.edit(theirs);
  switch (law / 3) {
    case 0:
      require(journey::diff(base, base).empty(), "a map and itself have no difference");
      check_diff(ours, theirs);
      check_clean(base, ours, base, ours, prefer);
      return 0;
    case 1:
      check_diff(base, ours);
      check_clean(base, base, theirs, theirs, prefer);
      check_clean(base, ours, ours, ours, prefer);
      return 0;
    case 2: {
      const JourneyMap map = merge(base, ours, theirs, prefer).map;
      check_whole(map);
      check_clean(base, map, map, map, prefer);
      return 0;
    }
    default:
      check_sides(base, ours, theirs, prefer);
      return 0;
  }
}
