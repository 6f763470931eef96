// Work done again: touchpoints that a case passes more than once, and where the cases stand step by step.
#pragma once

#include <cstdint>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/discovery/segments.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::discovery {

// Two tables. By touchpoint: keys of the segment, touchpoint, events, cases, repeating_cases, repeating_share (of
// cases), repeats (events beyond the first of a case) = self_loops (directly again) + returns (after something else);
// by repeating cases descending, then repeats, then name. In all: keys, cases, repeating_cases (with any repeat),
// repeating_share, repeats.
struct Rework {
  base::Table touchpoints, all;
};
Rework rework(const events::EventLog& log, const Segments& segments, const base::Cancellation& cancellation);

// Keys of the segment, touchpoint, step_1 … step_n: share of the segment's cases (or their number, `counts`) that
// stand at the touchpoint in that step. Touchpoints by their sum over the steps descending, then name; the last row
// of each segment, without a touchpoint, holds the cases that ended before. Each column adds up to all cases.
// Throws InvalidInput unless 1 <= steps <= 1000.
base::Table step_matrix(const events::EventLog& log, const Segments& segments, std::int64_t steps, bool counts,
                        const base::Cancellation& cancellation);

}  // namespace journeykit::discovery
