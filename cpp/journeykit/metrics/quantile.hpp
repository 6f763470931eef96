// The few distribution functions the room needs, by Boost.Math; one place, because its headers compile slowly.
#pragma once

#include <cstdint>

namespace journeykit::metrics {

inline constexpr double kConfidence = 0.95;

// Throws InvalidInput unless 0 < confidence < 1.
void check_confidence(double confidence);
double normal_quantile(double probability);
// P(|Z| >= |z|).
double normal_two_sided(double z);
double t_quantile(double probability, double degrees);
// P(|T| >= |t|).
double t_two_sided(double t, double degrees);
// P(X <= k) and P(X >= k) of a binomial.
double binomial_at_most(std::int64_t k, std::int64_t n, double share);
double binomial_at_least(std::int64_t k, std::int64_t n, double share);

}  // namespace journeykit::metrics
