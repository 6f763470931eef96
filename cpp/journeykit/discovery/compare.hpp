// Does the drawn map agree with the log? Step by step: each event is one step into its touchpoint, from the one
// before it or, for the first of a case, from the outside (an entry). A drawn entry is a touchpoint to which no drawn
// transition leads (but its own loop) or at which cases start by the map's own statistics; where there is none, any
// touchpoint of the first stage that has some.
#pragma once

#include <cstdint>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::discovery {

struct Comparison {
  // source (missing: an entry), target, drawn, count, cases, share_of_steps, by count descending, then drawn first,
  // then source and target in byte order. A drawn edge that no case takes counts 0. Ids of the map, else names.
  base::Table edges;
  // touchpoint, drawn, events, cases, by events descending, then name.
  base::Table touchpoints;
  std::int64_t steps = 0, drawn_steps = 0, drawn_edges = 0, unused_edges = 0, undrawn_edges = 0;
};

Comparison compare(const journey::JourneyMap& drawn, const events::EventLog& log, unsigned threads,
                   const base::Cancellation& cancellation);

}  // namespace journeykit::discovery
