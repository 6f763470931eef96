// The directly-follows graph with counts, mean and (if asked) median times only: what can be counted in one pass, also
// over a table that was never made a log. The same numbers as directly_follows() where both give them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/base/table.hpp"
#include "journeykit/events/keys.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::discovery {

struct Flow {
  std::uint32_t source = 0, target = 0;  // positions in `names`
  std::int64_t count = 0;
  double mean_seconds = 0;
  double median_seconds = 0;  // where asked for
};

struct Flows {
  std::vector<std::string> names;  // of touchpoints, in byte order
  std::vector<std::int64_t> events, starts, ends;
  std::vector<Flow> edges;  // by count descending, then source, then target
  std::int64_t cases = 0;
};

struct FlowsOptions {
  bool medians = false;
  unsigned threads = 0;  // 0: all cores
};

Flows flows(const events::EventLog& log, const FlowsOptions& options, const base::Cancellation& cancellation);
// One pass where the rows of each case stand in time order, else the rows are put in order first.
Flows flows(const events::EventKeys& keys, const FlowsOptions& options, const base::Cancellation& cancellation);

// source, target, count, share (of the events at source), mean_seconds and, with medians, median_seconds.
base::Table flow_table(const Flows& flows, bool medians);
// touchpoint, events, starts, ends; by events descending, then name.
base::Table flow_touchpoints(const Flows& flows);

}  // namespace journeykit::discovery
