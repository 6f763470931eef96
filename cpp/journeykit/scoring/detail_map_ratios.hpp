// The numbers of a map as ratios of two of its features (detail_map_features.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "journeykit/scoring/detail_map_features.hpp"
#include "journeykit/scoring/map_intervals.hpp"

namespace journeykit::scoring {

enum class Form : std::uint8_t { Share, Rate, Mean, Quantile };

// A number of the map as numerator over denominator; for quantiles the share at or below it.
struct Ratio {
  std::uint32_t touchpoint = kNoTouchpoint, target = kNoTouchpoint;
  const char* name = "";
  Form form = Form::Share;
  std::size_t part = 0, whole = 0;    // features
  double known = metrics::kNoNumber;  // mean or quantile, in seconds
  double level = 0;                   // of the quantile
  bool of_events = false;             // a share of events, not of cases or customers
  std::span<std::int64_t> values{};   // that the quantile is of
  const char* unit() const { return form == Form::Share ? "share" : form == Form::Rate ? "per case" : "seconds"; }
};

struct SeenMap {  // a log as the numbers need it
  discovery::TimedGraph timed;
  std::vector<std::int64_t> closed_durations;
  std::optional<journey::TimeSummary> case_times;
  bool has_endings = false;
};

// In the order of map_intervals. The values of quantiles point into `seen`.
std::vector<Ratio> ratios_of(SeenMap& seen, const MapFeatures& features);

}  // namespace journeykit::scoring
