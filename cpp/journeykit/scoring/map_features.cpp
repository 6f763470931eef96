#include <cmath>

#include "journeykit/scoring/detail_map_features.hpp"

namespace journeykit::scoring {

MapFeatures::Centre MapFeatures::centre_of(const journey::TimeSummary& times) {
  // A quantile in whole or half ns went through seconds: what was lost on the way must not move it below its own ties.
  const auto in_ns = [](double seconds) { return seconds * 1e9 + 0.25 + std::abs(seconds) * 1e9 * 4e-16; };
  return {times.mean_seconds, {in_ns(times.median_seconds), in_ns(times.p90_seconds)}};
}

MapFeatures::MapFeatures(const events::EventLog& log, const discovery::TimedGraph& timed,
                         const std::optional<journey::TimeSummary>& case_times,
                         std::vector<std::int64_t> case_durations, std::vector<events::CaseStatus> status)
    : events_(log.event_count()),
      touchpoints_(log.touchpoint_names().size()),
      edges_(timed.graph.edges.size()),
      offsets_(log.case_offsets()),
      codes_(log.touchpoints()),
      times_(log.times()),
      end_times_(log.end_times()),
      touchpoint_centre_(touchpoints_),
      case_durations_(std::move(case_durations)),
      status_(std::move(status)) {
  for (const discovery::Edge& edge : timed.graph.edges) {
    pairs_.push_back(static_cast<std::uint64_t>(edge.source) << 32U | edge.target);
    edge_centre_.push_back(centre_of(edge.times));
  }
  for (std::size_t t = 0; t < touchpoints_; ++t) {
    if (timed.graph.touchpoints[t].duration) touchpoint_centre_[t] = centre_of(*timed.graph.touchpoints[t].duration);
  }
  if (case_times) case_centre_ = centre_of(*case_times);
}

}  // namespace journeykit::scoring
