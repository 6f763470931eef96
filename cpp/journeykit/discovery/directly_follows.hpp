// The directly-follows graph: how often each touchpoint occurs, starts and ends a case, which follows which, and how
// long that takes. Everything is counted in integers, so the result does not depend on threads or the order of rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/discovery/segments.hpp"
#include "journeykit/discovery/times.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::discovery {

struct TouchpointCounts {
  std::int64_t events = 0, cases = 0, customers = 0;
  std::int64_t starts = 0, ends = 0;             // cases whose first or last event stands here
  std::int64_t open_ends = 0;                    // those of `ends` that are still open and may go on
  std::optional<journey::TimeSummary> duration;  // of the events with an end time
};

struct Edge {
  std::uint32_t source = 0, target = 0;  // touchpoint codes
  std::int64_t count = 0, cases = 0;     // steps, and cases with at least one
  journey::TimeSummary times;            // from the end of source (its time where it has none) to the time of target
};

struct DirectlyFollows {
  std::vector<TouchpointCounts> touchpoints;  // by touchpoint code; all zero where a segment lacks it
  std::vector<Edge> edges;                    // by count descending, then source name, then target name
  std::int64_t cases = 0, events = 0, customers = 0;
};

struct DirectlyFollowsOptions {
  unsigned threads = 0;  // 0: all cores
};

DirectlyFollows directly_follows(const events::EventLog& log, const DirectlyFollowsOptions& options,
                                 const base::Cancellation& cancellation);
// One graph per segment.
std::vector<DirectlyFollows> directly_follows(const events::EventLog& log, const Segments& segments,
                                              const DirectlyFollowsOptions& options,
                                              const base::Cancellation& cancellation);

// Keys of the segment, source, target, count, cases, share (of the events at source) and the times in seconds.
base::Table edge_table(const events::EventLog& log, const Segments& segments, std::span<const DirectlyFollows> graphs);
// Keys of the segment, touchpoint, events, cases, customers, starts, ends, open_ends and durations in seconds; by
// events descending, then name.
base::Table touchpoint_table(const events::EventLog& log, const Segments& segments,
                             std::span<const DirectlyFollows> graphs);

}  // namespace journeykit::discovery
