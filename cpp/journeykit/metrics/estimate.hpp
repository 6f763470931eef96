// A number with what it rests on, and the cluster-robust way to it: the customer is the unit of independence.
// With R = Σ value / Σ weight and e_g = Σ value − R·Σ weight over customer g of G, the linearised variance is
// G/(G−1)·Σ e_g² / (Σ weight)². deff is that over the variance of independent observations, and never below 1: seeming
// gains from customers who disagree with themselves are not taken. n_eff = n/deff, cut by (t_{n−1}/t_{G−1})² for few
// customers (Korn & Graubard 1998). Where nothing varies deff cannot be seen and every customer counts once:
// n_eff = (Σ m_g)²/Σ m_g². One customer: no interval. n = 0: no data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "journeykit/metrics/interval.hpp"

namespace journeykit::metrics {

struct Estimate {
  double value = kNoNumber;  // NaN: no data
  double low = kNoNumber;    // NaN: no interval, the warning says why
  double high = kNoNumber;
  std::int64_t n = 0;  // observations
  std::int64_t customers = 0;
  std::string method;
  std::string warning;  // "" or texts joined by "; "
};

struct Observation {
  std::uint32_t customer = 0;
  double value = 0;   // share: 0 or 1 · NPS: −1, 0 or 1 · mean: the number · rate: the numerator
  double weight = 1;  // rate: the denominator (> 0 in sum); 1 for all others
};

struct Moments {                               // all that an estimate needs of the observations
  double n = 0;                                // observations
  double customers = 0;                        // G
  double value = 0, weight = 0;                // sums
  double squared_sizes = 0, largest_size = 0;  // of the customers, in observations
  double between = 0;                          // Σ e_g²
  double independent = 0;                      // Σ (value − R·weight)² over observations
  double scale = 0;                            // Σ value² over observations
};
Moments moments(std::span<const Observation> observations);

struct Effective {                    // what the clusters leave of n observations
  double n = 0;                       // observations
  double customers = 0;               // G
  double standard_error = kNoNumber;  // of value/weight, cluster-robust, floored at the independent one; NaN for G < 2
  double n_eff = 0;
  double deff = 1;
  double largest_share = 0;  // of the observations that one customer gave
};
Effective effective(const Moments& moments, double confidence = kConfidence);
Effective effective(std::span<const Observation> observations, double confidence = kConfidence);

// Wilson on n_eff.
Estimate share_from(const Moments& moments, double confidence = kConfidence);
Estimate estimate_share(std::span<const Observation> observations, double confidence = kConfidence);
// Points, adjusted Wald on n_eff.
Estimate nps_from(const Moments& moments, double promoters, double detractors, double confidence = kConfidence);
Estimate estimate_nps(std::span<const Observation> observations, double confidence = kConfidence);
// t interval with G − 1 degrees of freedom.
Estimate mean_from(const Moments& moments, double confidence = kConfidence);
Estimate estimate_mean(std::span<const Observation> observations, double confidence = kConfidence);
// Σ value / Σ weight, t interval with G − 1 degrees of freedom; weights 0 are allowed, a sum of 0 is no data.
Estimate rate_from(const Moments& moments, double confidence = kConfidence);
Estimate estimate_rate(std::span<const Observation> observations, double confidence = kConfidence);

// Wilson on n_eff observations of the share that the estimate has.
void set_wilson(Estimate& estimate, double n_eff, double confidence);
// From so many customers on a variance that is smaller than that of independent observations is taken for true.
inline constexpr double kEnoughCustomers = 30;

void warn(Estimate& estimate, const std::string& text);
// The interval inside what is possible.
void clip(Estimate& estimate, double least, double most);
// One customer only, or one who gives more than a quarter of the (at least five) observations.
void warn_of_customers(Estimate& estimate, double largest_share);

}  // namespace journeykit::metrics
