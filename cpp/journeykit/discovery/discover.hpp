// From a log to the observed journey map, and a log loaded onto a drawn one.
// A transition's probability is count / events at its source; what is missing to 1 is statistics.ends / events, the
// share of events after which the case has (so far) ended.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/discovery/segments.hpp"
#include "journeykit/discovery/stages.hpp"
#include "journeykit/events/log.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::discovery {

inline constexpr const char* kUndrawnStage = "(not on the drawn map)";

struct DiscoverOptions {
  std::string name;                // of the map
  std::vector<StagePlan> stages;   // empty: proposed from the log
  std::int64_t minimum_cases = 1;  // touchpoints and transitions of fewer cases are left out (drawn ones never)
  unsigned threads = 0;            // 0: all cores
};

// Touchpoints stand by stage, then mean position, then name; ids are the names. One map per segment, all with the
// stages of the whole log. Throws as planned_stages, and InvalidInput for minimum_cases < 1.
std::vector<journey::JourneyMap> discover(const events::EventLog& log, const Segments& segments,
                                          const DiscoverOptions& options, const base::Cancellation& cancellation);

// The drawn map with the statistics of the log. A touchpoint of the log is the drawn one with this id, else the only
// one with this name. Seen elements become observed; drawn but unseen ones count 0 and are at most partly observed;
// undrawn touchpoints join the stage "(not on the drawn map)". options.stages is not looked at.
std::vector<journey::JourneyMap> load_onto(const journey::JourneyMap& drawn, const events::EventLog& log,
                                           const Segments& segments, const DiscoverOptions& options,
                                           const base::Cancellation& cancellation);

// For each touchpoint code of the log the id of its drawn touchpoint; empty where it is not drawn. Throws InvalidInput
// for a touchpoint without a name.
std::vector<std::string> drawn_ids(const journey::JourneyMap& drawn, const events::EventLog& log);

}  // namespace journeykit::discovery
