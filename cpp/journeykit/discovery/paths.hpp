// Questions about the path of a case: how deep it comes in a funnel, and which cases run a certain way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/discovery/segments.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::discovery {

struct FunnelOptions {
  std::vector<std::vector<std::string>> steps;  // each: touchpoints, any of which counts
  std::optional<std::int64_t> within_ns;        // from the first step; unset: no limit
};

// The ordered funnel. A case reaches step k when some k of its events, one after the other, stand at steps 1 … k and
// the last begins no later than within_ns after the first. Each case is counted with the chain that comes deepest; of
// those with the earliest first step; of those with the earliest event in each further step.
// Keys of the segment, step, name, cases, customers, open_cases (deepest here and still open), share_of_all,
// share_of_first, share_of_previous, median_seconds_from_first, median_seconds_from_previous.
// Throws NotFound (touchpoint), InvalidInput (no step, an empty step, over 100 steps).
base::Table funnel(const events::EventLog& log, const Segments& segments, const FunnelOptions& options,
                   const base::Cancellation& cancellation);

// How many steps of the funnel each case reaches, shape (n_cases,). Throws as funnel().
std::vector<std::uint32_t> funnel_depths(const events::EventLog& log, const FunnelOptions& options,
                                         const base::Cancellation& cancellation);

struct Follows {
  std::string source, target;
  std::optional<std::int64_t> within_ns;  // from the end of source (its time) to the time of target
  bool directly = false;                  // with nothing between
};

struct PathFilter {                   // conditions that are set must all hold
  std::vector<std::string> contains;  // every one of them somewhere
  std::vector<std::string> starts;    // one of them first
  std::vector<std::string> ends;      // one of them last
  std::optional<Follows> follows;
  bool negate = false;  // the cases for which they do not all hold
};

// 1 for each case that runs that way, else 0. Throws NotFound (touchpoint), InvalidInput (no condition).
std::vector<std::uint8_t> cases_along(const events::EventLog& log, const PathFilter& filter,
                                      const base::Cancellation& cancellation);

}  // namespace journeykit::discovery
