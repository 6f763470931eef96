// Which stage of the journey each touchpoint of a log belongs to: as the caller says, or as proposed from where in
// their cases the touchpoints stand.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::discovery {

struct StagePlan {
  std::string stage;
  std::vector<std::string> touchpoints;  // names, or patterns: * any characters, ? one, [a-c] or [!a-c] one of a class
};

struct Stages {
  std::vector<journey::Stage> stages;        // in the order of the journey
  std::vector<std::uint32_t> of_touchpoint;  // by touchpoint code
  std::vector<double> position;  // by touchpoint code: mean of index / (length - 1), 0.5 in cases of one event
};

// One-dimensional k-means (exact, by dynamic programming; Wang & Song 2011) of the mean positions, rounded to 1/1000
// and weighted by events: the fewest of 3 to 5 stages that explain nine tenths of their variance. Each stage is named
// after its touchpoint with the most cases.
Stages propose_stages(const events::EventLog& log, const base::Cancellation& cancellation);

// A name counts before any pattern, patterns in the order given. Touchpoints that nothing names come last, in the
// stage "(no stage)". Throws NotFound (a name or pattern that fits no touchpoint of the log), InvalidInput (a
// touchpoint named in two stages, an empty stage name).
Stages planned_stages(const events::EventLog& log, std::span<const StagePlan> plan,
                      const base::Cancellation& cancellation);

// Case counts. A [ without its ] stands for itself.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace journeykit::discovery
