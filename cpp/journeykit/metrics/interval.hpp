// Intervals and tests from counts, for independent observations. Formulas: SCIENCE notes §0, §1, §3.
// n = 0 gives NaN, never 0. Counts may be fractional, so that an effective number of observations can be used.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "journeykit/metrics/quantile.hpp"

namespace journeykit::metrics {

inline constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

struct Interval {
  double low = kNoNumber;
  double high = kNoNumber;
};

// Share of `successes` in `n` (Wilson 1927).
Interval wilson(double successes, double n, double confidence = kConfidence);
// First share minus second share, from their Wilson intervals (Newcombe 1998, method 10).
Interval newcombe(double successes1, double n1, double successes2, double n2, double confidence = kConfidence);
// mean ± t·standard_error.
Interval t_interval(double mean, double standard_error, double degrees, double confidence = kConfidence);

struct NpsCounts {  // answers 9–10, 7–8, 0–6
  double promoters = 0, passives = 0, detractors = 0;
};
struct NpsScore {  // in points, -100 to 100
  double value = kNoNumber;
  double standard_error = kNoNumber;
  Interval interval;
};
NpsScore nps_wald(const NpsCounts& counts, double confidence = kConfidence);
// With ¾ promoter, 1½ passives and ¾ detractor added; value and error are those of the enlarged counts; clipped to
// ±100.
NpsScore nps_adjusted_wald(const NpsCounts& counts, double confidence = kConfidence);

struct DifferenceTest {
  double difference = kNoNumber;  // second minus first
  double standard_error = kNoNumber;
  double z = kNoNumber;
  double p = kNoNumber;  // two-sided
};
DifferenceTest nps_waves(const NpsCounts& first, const NpsCounts& second);
DifferenceTest share_difference(double successes1, double n1, double successes2, double n2);  // pooled z
DifferenceTest share_against(double successes, double n,
                             double share);  // statsmodels' default: the sample's own variance

// Answers needed for an NPS interval of ± half_width points.
std::int64_t nps_sample_size(double half_width, double promoter_share, double detractor_share,
                             double confidence = kConfidence);

enum class Verdict { Met, Missed, NotProven };
std::string_view to_string(Verdict verdict);
struct StandardCheck {
  double share = kNoNumber;
  Interval interval;            // Wilson
  double p_met = kNoNumber;     // P(X >= k | target): small means met
  double p_missed = kNoNumber;  // P(X <= k | target): small means missed
  Verdict verdict = Verdict::NotProven;
};
// One-sided exact binomial test of "at least `target` of n", both ways at level alpha.
StandardCheck check_standard(std::int64_t successes, std::int64_t n, double target, double alpha = 0.05,
                             double confidence = kConfidence);
// Observations needed so that a process whose true share is `true_share` is proven met (or missed, when it lies below
// the target) with probability `power`; the smallest such n, or the normal approximation beyond 100,000.
std::int64_t standard_sample_size(double target, double true_share, double alpha = 0.05, double power = 0.8);

// Benjamini–Hochberg adjusted p-values (NaN stays NaN and is not counted).
std::vector<double> benjamini_hochberg(const std::vector<double>& p);

}  // namespace journeykit::metrics
