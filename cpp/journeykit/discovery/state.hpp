// What the flow of a log of any size is known by: sums over whole cases that merge exactly. The state of a log is the
// same, byte by byte, however its cases were split and in whichever order and shape the parts were merged. Each case is
// its own customer: distinct customers do not add up over parts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/discovery/directly_follows.hpp"
#include "journeykit/discovery/discover.hpp"
#include "journeykit/discovery/duration_store.hpp"
#include "journeykit/events/log.hpp"
#include "journeykit/events/status.hpp"

namespace journeykit::discovery {

struct FlowOptions {
  std::optional<events::StatusRule> status;  // unset: which cases are open is not counted
  std::uint64_t exact_up_to = 100'000;       // times of each edge, touchpoint, variant and of the cases
  std::uint64_t most_variants = 0;           // 0: variants are not counted; more distinct ones throw Unsupported
  bool operator==(const FlowOptions&) const = default;
};

struct TouchpointTally {
  std::string name;
  std::int64_t events = 0, cases = 0, starts = 0, ends = 0, open_ends = 0;
  WideSum position;  // of index / (length - 1) in 2^-30
  DurationStore durations;
  std::map<std::string, std::int64_t> channels, departments;  // events with each
};

struct EdgeTally {
  std::uint32_t source = 0, target = 0;
  std::int64_t count = 0, cases = 0;
  DurationStore times;
};

struct VariantTally {
  std::vector<std::uint32_t> steps;
  std::string example_case;  // the smallest id
  std::int64_t cases = 0;
  DurationStore durations;
};

struct FlowState {
  FlowOptions options;
  std::vector<TouchpointTally> touchpoints;  // by name; the numbers in edges and steps are places here
  std::vector<EdgeTally> edges;              // by source, then target
  std::vector<VariantTally> variants;        // by steps
  DurationStore case_durations;
  std::int64_t cases = 0, events = 0;
};

// Throws InvalidInput for a log with a customer column, Unsupported for too many variants.
FlowState flow_state(const events::EventLog& log, const FlowOptions& options, const base::Cancellation& cancellation);
// Throws InvalidInput when the options differ, Unsupported for too many variants.
FlowState merged(FlowState a, FlowState b);

std::string to_bytes(const FlowState& state);
FlowState flow_state_from_bytes(std::string_view bytes);

// As of the log in memory, with a column times: "exact" or "sketch". open_ends is missing without a status rule.
base::Table edge_table(const FlowState& state);
base::Table touchpoint_table(const FlowState& state);
base::Table case_duration_table(const FlowState& state);
base::Table variant_table(const FlowState& state);  // throws InvalidInput when variants were not counted
base::Table variant_steps(const FlowState& state);
journey::JourneyMap discover(const FlowState& state, const DiscoverOptions& options,
                             const base::Cancellation& cancellation);

}  // namespace journeykit::discovery
