// Times of which some are not over: Kaplan–Meier, Greenwood, Aalen–Johansen, each also clustered by customer.
// Events come before censorings at equal times. The clustered variance adds up infinitesimal-jackknife influences by
// customer (Williams 1995 for the idea); deff = that over the same sum by spell, never below 1, times Greenwood's.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/metrics/estimate.hpp"

namespace journeykit::metrics {

enum class SpellEnd : std::uint8_t { Censored, Event, Competing };

struct Spell {
  std::uint32_t customer = 0;
  std::int64_t length_ns = 0;  // >= 0
  SpellEnd end = SpellEnd::Censored;
};

struct SurvivalCurve {  // one entry per distinct time at which something ended
  std::vector<std::int64_t> times_ns;
  std::vector<std::int64_t> at_risk, events, competing;
  std::vector<double> survival;   // of any end
  std::vector<double> greenwood;  // Σ d/(n(n−d)) up to the time
  std::vector<double> incidence;  // Aalen–Johansen: ended by the event
  std::int64_t longest_ns = 0;    // longest spell
};
// Without competing ends, incidence = 1 − survival.
SurvivalCurve survival_curve(std::span<const Spell> spells);
// Log-log interval of a survival share with variance of its logarithm `greenwood`; empty at 0 and 1.
Interval log_log_interval(double survival, double greenwood, double confidence = kConfidence);

// Share without the event up to and including `at_ns`: 1 − incidence, so competing ends count as spared. No data when
// nobody was followed that long and the share is not yet 0. At 0 and 1: Wilson on the spells whose outcome is known.
Estimate estimate_survival(std::span<const Spell> spells, std::int64_t at_ns, double confidence = kConfidence);
// Time, in seconds, by which `share` of the spells had the event; censored and competing spells are censored there.
// Interval by inversion (Brookmeyer & Crowley 1982). No data where the curve does not come down that far.
Estimate estimate_quantile(std::span<const Spell> spells, double share, double confidence = kConfidence);
// Area under the curve in seconds: the mean, or where the longest spell is censored the mean cut at that length.
Estimate estimate_mean_time(std::span<const Spell> spells, double confidence = kConfidence);

}  // namespace journeykit::metrics
