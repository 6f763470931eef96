// Every number of the map that a log shows, with an interval that holds when the events of one customer are alike. The
// customer is the unit of independence: shares by Wilson and ratios by t on the linearised variance over customers
// (exact, see metrics/estimate.hpp); medians and percentiles by Woodruff's interval, with the variance over customers
// of the share at or below the number (Woodruff 1952); or all of them by a bootstrap of whole customers. Open cases end
// nowhere yet: they are left out of ends, endings and lengths of cases.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/base/table.hpp"
#include "journeykit/events/clusters.hpp"
#include "journeykit/metrics/estimate.hpp"

namespace journeykit::scoring {

struct IntervalOptions {
  double confidence = metrics::kConfidence;
  bool bootstrap = false;  // the rest is for the bootstrap only
  std::size_t replicates = 1000;
  std::size_t groups = events::kMostGroups;
  std::uint64_t seed = 0;
  unsigned threads = 0;
};

inline constexpr std::uint32_t kNoTouchpoint = base::kMissingCode;

struct MapNumber {
  std::uint32_t touchpoint = kNoTouchpoint, target = kNoTouchpoint;  // codes; neither: of the whole journey
  const char* number = "";
  const char* unit = "";
  metrics::Estimate estimate;
};

// The journey's numbers first, then those of touchpoints by events descending, then of transitions by count descending.
std::vector<MapNumber> map_intervals(const events::EventLog& log, const IntervalOptions& options,
                                     const base::Cancellation& cancellation);

// element ("journey", "touchpoint", "transition"), touchpoint, target, number, value, unit, low, high, n, customers,
// method, warning.
base::Table map_numbers_table(const events::EventLog& log, const std::vector<MapNumber>& numbers);

}  // namespace journeykit::scoring
