// Exact summaries of times in ns. The sum is exact; the median is the mean of the middle two; the 90th percentile is
// interpolated linearly at rank 0.9 (n - 1) (type 7 of Hyndman & Fan 1996, as numpy and pandas do).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "journeykit/events/log.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::discovery {

// Reorders `values`. No value: nothing, never zero.
std::optional<journey::TimeSummary> summarize(std::span<std::int64_t> values);

// The median alone, of at least one value. Reorders `values`.
double median_seconds(std::span<std::int64_t> values);

// later - earlier; negative where they overlap. Throws InvalidInput beyond 292 years.
std::int64_t elapsed_ns(std::int64_t earlier, std::int64_t later);

// When event `e` is over: its end time, or its time where it has none.
inline std::int64_t end_of_event(std::span<const std::int64_t> times, std::span<const std::int64_t> end_times,
                                 std::size_t e) {
  return end_times.empty() || end_times[e] == base::kMissingInteger ? times[e] : end_times[e];
}

// From the start of the first event of each case to the end of the event that ends last, shape (n_cases,).
std::vector<std::int64_t> case_durations_ns(const events::EventLog& log);

}  // namespace journeykit::discovery
