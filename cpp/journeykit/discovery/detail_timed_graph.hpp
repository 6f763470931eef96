// The directly-follows graph of a whole log with all times that it was summarised from, for what needs other ranks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/discovery/directly_follows.hpp"

namespace journeykit::discovery {

// Values of several groups in one array, each group a bucket; every part writes its own stretch of each bucket.
struct Buckets {
  std::vector<std::int64_t> values;
  std::vector<std::size_t> offsets;               // of groups
  std::vector<std::vector<std::size_t>> cursors;  // by part: where its next value of each of its groups goes

  std::span<std::int64_t> group(std::size_t g) {
    return std::span(values).subspan(offsets[g], offsets[g + 1] - offsets[g]);
  }
};

struct TimedGraph {
  DirectlyFollows graph;
  Buckets steps, durations;               // in ns, in any order; durations by touchpoint, empty without end times
  std::vector<std::uint32_t> step_group;  // of each edge
};

TimedGraph timed_graph(const events::EventLog& log, const DirectlyFollowsOptions& options,
                       const base::Cancellation& cancellation);

}  // namespace journeykit::discovery
