#include "journeykit/metrics/estimate.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace journeykit::metrics {
namespace {

struct Cluster {
  double value = 0;
  double weight = 0;
  double size = 0;  // observations
};

// Sums per customer in the order of the codes, so that the result does not depend on the order of the rows.
std::vector<Cluster> clusters_of(std::span<const Observation> observations) {
  const auto by_customer = [](const Observation& a, const Observation& b) { return a.customer < b.customer; };
  std::vector<Observation> copy;
  if (!std::ranges::is_sorted(observations, by_customer)) {
    copy.assign(observations.begin(), observations.end());
    std::ranges::stable_sort(copy, by_customer);
    observations = copy;
  }
  std::vector<Cluster> clusters;
  for (std::size_t k = 0; k < observations.size(); ++k) {
    if (k == 0 || observations[k].customer != observations[k - 1].customer) clusters.emplace_back();
    clusters.back().value += observations[k].value;
    clusters.back().weight += observations[k].weight;
    clusters.back().size += 1;
  }
  return clusters;
}

std::string percent(double share) { return std::to_string(std::lround(100 * share)) + " %"; }

// n, customers, value and the warnings that hold for every kind; nothing when there is no number to give.
std::optional<Effective> begin(Estimate& out, const Moments& moments, double confidence) {
  check_confidence(confidence);
  out.n = static_cast<std::int64_t>(moments.n);
  const Effective seen = effective(moments, confidence);
  out.customers = static_cast<std::int64_t>(seen.customers);
  if (!(moments.weight > 0)) {
    warn(out, "no data");
    return std::nullopt;
  }
  out.value = moments.value / moments.weight;
  warn_of_customers(out, seen.largest_share);
  return seen;
}

void set_interval(Estimate& out, const Interval& interval) {
  out.low = std::min(interval.low, out.value);
  out.high = std::max(interval.high, out.value);
}

Estimate by_t(const Moments& moments, double confidence, const char* method) {
  Estimate out;
  out.method = method;
  const auto seen = begin(out, moments, confidence);
  if (!seen || seen->customers < 2) return out;
  if (!(seen->standard_error > 0)) {
    warn(out, "nothing varies: no interval");
    return out;
  }
  set_interval(out, t_interval(out.value, seen->standard_error, seen->customers - 1, confidence));
  return out;
}

}  // namespace

void set_wilson(Estimate& estimate, double n_eff, double confidence) {
  set_interval(estimate, wilson(std::min(estimate.value, 1.0) * n_eff, n_eff, confidence));
}

void warn(Estimate& estimate, const std::string& text) {
  if (!estimate.warning.empty()) estimate.warning += "; ";
  estimate.warning += text;
}

void clip(Estimate& estimate, double least, double most) {
  // written so that NaN stays NaN
  if (estimate.low < least) estimate.low = least;
  if (estimate.high > most) estimate.high = most;
}

void warn_of_customers(Estimate& estimate, double largest_share) {
  constexpr double dominant = 0.25;
  constexpr double several = 5;
  if (estimate.customers < 2) {
    warn(estimate, "one customer: no interval");
  } else if (largest_share > dominant && largest_share * static_cast<double>(estimate.n) >= several) {
    warn(estimate, "one customer gives " + percent(largest_share) + " of the observations");
  }
}

Moments moments(std::span<const Observation> observations) {
  Moments out;
  const std::vector<Cluster> clusters = clusters_of(observations);
  out.n = static_cast<double>(observations.size());
  out.customers = static_cast<double>(clusters.size());
  for (const Observation& o : observations) {
    out.value += o.value;
    out.weight += o.weight;
    out.scale += o.value * o.value;
  }
  const double ratio = out.weight > 0 ? out.value / out.weight : 0;
  for (const Cluster& c : clusters) {
    out.squared_sizes += c.size * c.size;
    out.largest_size = std::max(out.largest_size, c.size);
    out.between += (c.value - ratio * c.weight) * (c.value - ratio * c.weight);
  }
  for (const Observation& o : observations) {
    const double residual = o.value - ratio * o.weight;
    out.independent += residual * residual;
  }
  return out;
}

Effective effective(const Moments& moments, double confidence) {
  check_confidence(confidence);
  Effective out;
  out.n = moments.n;
  out.customers = moments.customers;
  if (!(moments.n > 0)) return out;
  out.largest_share = moments.largest_size / moments.n;
  out.n_eff = moments.n * moments.n / moments.squared_sizes;
  out.deff = moments.squared_sizes / moments.n;
  if (moments.customers < 2 || !(moments.weight > 0)) return out;

  const double squared_weight = moments.weight * moments.weight;
  const double clustered = out.customers / (out.customers - 1) * moments.between / squared_weight;
  const double naive = out.n / (out.n - 1) * moments.independent / squared_weight;
  out.standard_error = std::sqrt(std::max(clustered, naive));
  // What is left of equal values after rounding is no variance.
  if (moments.independent <= 1e-24 * moments.scale) {
    out.standard_error = 0;
    return out;
  }
  const bool one_each = moments.customers == moments.n;
  out.deff = one_each ? 1.0 : std::max(1.0, clustered / naive);
  const double upper = 0.5 + confidence / 2;
  const double few = one_each ? 1.0 : t_quantile(upper, out.n - 1) / t_quantile(upper, out.customers - 1);
  out.n_eff = out.n / out.deff * few * few;
  return out;
}

Effective effective(std::span<const Observation> observations, double confidence) {
  return effective(moments(observations), confidence);
}

Estimate share_from(const Moments& moments, double confidence) {
  Estimate out;
  out.method = "share, Wilson on customers";
  const auto seen = begin(out, moments, confidence);
  if (!seen || seen->customers < 2) return out;
  set_wilson(out, seen->n_eff, confidence);
  return out;
}

Estimate estimate_share(std::span<const Observation> observations, double confidence) {
  return share_from(moments(observations), confidence);
}

Estimate nps_from(const Moments& moments, double promoters, double detractors, double confidence) {
  Estimate out;
  out.method = "NPS, adjusted Wald on customers";
  const auto seen = begin(out, moments, confidence);
  if (!seen) return out;
  out.value = 100 * (promoters - detractors) / seen->n;
  if (seen->customers < 2) return out;
  const double shrink = seen->n_eff / seen->n;
  const NpsCounts counts{promoters * shrink, (seen->n - promoters - detractors) * shrink, detractors * shrink};
  set_interval(out, nps_adjusted_wald(counts, confidence).interval);
  return out;
}

Estimate estimate_nps(std::span<const Observation> observations, double confidence) {
  double promoters = 0;
  double detractors = 0;
  for (const Observation& o : observations) {
    promoters += o.value > 0 ? 1 : 0;
    detractors += o.value < 0 ? 1 : 0;
  }
  return nps_from(moments(observations), promoters, detractors, confidence);
}

Estimate mean_from(const Moments& moments, double confidence) {
  return by_t(moments, confidence, "mean, t on customers");
}

Estimate estimate_mean(std::span<const Observation> observations, double confidence) {
  return mean_from(moments(observations), confidence);
}

Estimate rate_from(const Moments& moments, double confidence) {
  return by_t(moments, confidence, "ratio, linearised t on customers");
}

Estimate estimate_rate(std::span<const Observation> observations, double confidence) {
  return rate_from(moments(observations), confidence);
}

}  // namespace journeykit::metrics
