#include "journeykit/metrics/interval.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "journeykit/base/error.hpp"

namespace journeykit::metrics {
namespace {

double upper_z(double confidence) {
  check_confidence(confidence);
  return normal_quantile(0.5 + confidence / 2);
}

void check_counts(double successes, double n) {
  if (!(successes >= 0 && successes <= n && std::isfinite(n))) {
    throw base::InvalidInput("got " + std::to_string(successes) + " of " + std::to_string(n) +
                             "; expected 0 <= successes <= n");
  }
}

void check_share(double share, const char* name) {
  if (!(share > 0 && share < 1)) {
    throw base::InvalidInput(std::string(name) + " is " + std::to_string(share) + "; expected a share between 0 and 1");
  }
}

NpsScore nps_score(double promoters, double detractors, double n, double confidence) {
  const double z = upper_z(confidence);
  if (!(n > 0)) return {};
  const double p = promoters / n;
  const double d = detractors / n;
  const double value = 100 * (p - d);
  // p + d - (p - d)² is never negative; rounding may say otherwise when every answer is the same.
  const double error = 100 * std::sqrt(std::max(0.0, p + d - (p - d) * (p - d)) / n);
  return {value, error, {value - z * error, value + z * error}};
}

void check_nps_counts(const NpsCounts& c) {
  if (!(c.promoters >= 0 && c.passives >= 0 && c.detractors >= 0)) {
    throw base::InvalidInput("NPS counts must not be negative");
  }
}

double two_sided(double z) { return std::isnan(z) ? kNoNumber : normal_two_sided(z); }

}  // namespace

Interval wilson(double successes, double n, double confidence) {
  const double z = upper_z(confidence);
  check_counts(successes, n);
  if (!(n > 0)) return {};
  const double centre = (successes + z * z / 2) / (n + z * z);
  const double half = z / (n + z * z) * std::sqrt(successes * (n - successes) / n + z * z / 4);
  // The ends are exact at no and at full success; elsewhere inside (0, 1).
  return {successes == 0 ? 0.0 : std::max(0.0, centre - half), successes == n ? 1.0 : std::min(1.0, centre + half)};
}

Interval newcombe(double successes1, double n1, double successes2, double n2, double confidence) {
  const Interval first = wilson(successes1, n1, confidence);
  const Interval second = wilson(successes2, n2, confidence);
  if (!(n1 > 0 && n2 > 0)) return {};
  const double p1 = successes1 / n1;
  const double p2 = successes2 / n2;
  return {p1 - p2 - std::hypot(p1 - first.low, second.high - p2),
          p1 - p2 + std::hypot(first.high - p1, p2 - second.low)};
}

Interval t_interval(double mean, double standard_error, double degrees, double confidence) {
  check_confidence(confidence);
  if (!(degrees > 0)) return {};
  const double half = t_quantile(0.5 + confidence / 2, degrees) * standard_error;
  return {mean - half, mean + half};
}

NpsScore nps_wald(const NpsCounts& counts, double confidence) {
  check_nps_counts(counts);
  return nps_score(counts.promoters, counts.detractors, counts.promoters + counts.passives + counts.detractors,
                   confidence);
}

NpsScore nps_adjusted_wald(const NpsCounts& counts, double confidence) {
  check_nps_counts(counts);
  const double n = counts.promoters + counts.passives + counts.detractors;
  if (!(n > 0)) return nps_score(0, 0, 0, confidence);
  NpsScore score = nps_score(counts.promoters + 0.75, counts.detractors + 0.75, n + 3, confidence);
  score.interval = {std::max(-100.0, score.interval.low), std::min(100.0, score.interval.high)};
  return score;
}

DifferenceTest nps_waves(const NpsCounts& first, const NpsCounts& second) {
  const NpsScore a = nps_wald(first);
  const NpsScore b = nps_wald(second);
  const double error = std::hypot(a.standard_error, b.standard_error);
  const double difference = b.value - a.value;
  // Without any spread there is no test: 0/0 and x/0 are no data.
  const double z = error > 0 ? difference / error : kNoNumber;
  return {difference, error, z, two_sided(z)};
}

DifferenceTest share_difference(double successes1, double n1, double successes2, double n2) {
  check_counts(successes1, n1);
  check_counts(successes2, n2);
  if (!(n1 > 0 && n2 > 0)) return {};
  const double pooled = (successes1 + successes2) / (n1 + n2);
  const double error = std::sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
  const double difference = successes2 / n2 - successes1 / n1;
  const double z = error > 0 ? difference / error : kNoNumber;
  return {difference, error, z, two_sided(z)};
}

DifferenceTest share_against(double successes, double n, double share) {
  check_counts(successes, n);
  if (!(n > 0)) return {};
  const double p = successes / n;
  const double error = std::sqrt(p * (1 - p) / n);
  const double z = error > 0 ? (p - share) / error : kNoNumber;
  return {p - share, error, z, two_sided(z)};
}

std::int64_t nps_sample_size(double half_width, double promoter_share, double detractor_share, double confidence) {
  const double z = upper_z(confidence);
  if (!(half_width > 0 && half_width <= 200)) {
    throw base::InvalidInput("half_width is " + std::to_string(half_width) + "; expected points above 0, such as 5");
  }
  if (!(promoter_share >= 0 && detractor_share >= 0 && promoter_share + detractor_share <= 1)) {
    throw base::InvalidInput("promoter and detractor shares must not be negative and add to at most 1");
  }
  const double d = promoter_share - detractor_share;
  const double variance = promoter_share + detractor_share - d * d;
  const double n = std::ceil(std::pow(100 * z / half_width, 2) * variance);
  if (n > 9e18) throw base::InvalidInput("half_width is too small: more answers would be needed than can be counted");
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(n));
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Met:
      return "met";
    case Verdict::Missed:
      return "missed";
    case Verdict::NotProven:
      return "not proven";
  }
  return "";
}

StandardCheck check_standard(std::int64_t successes, std::int64_t n, double target, double alpha, double confidence) {
  check_counts(static_cast<double>(successes), static_cast<double>(n));
  check_share(target, "target");
  check_share(alpha, "alpha");
  StandardCheck out;
  out.interval = wilson(static_cast<double>(successes), static_cast<double>(n), confidence);
  if (n == 0) return out;
  out.share = static_cast<double>(successes) / static_cast<double>(n);
  out.p_met = binomial_at_least(successes, n, target);
  out.p_missed = binomial_at_most(successes, n, target);
  if (out.p_met <= alpha) out.verdict = Verdict::Met;
  if (out.p_missed <= alpha) out.verdict = Verdict::Missed;
  return out;
}

std::int64_t standard_sample_size(double target, double true_share, double alpha, double power) {
  check_share(target, "target");
  check_share(alpha, "alpha");
  check_share(power, "power");
  if (!(true_share >= 0 && true_share <= 1) || true_share == target) {
    throw base::InvalidInput("true_share is " + std::to_string(true_share) +
                             "; expected a share from 0 to 1 other than the target " + std::to_string(target));
  }
  const double spread = normal_quantile(1 - alpha) * std::sqrt(target * (1 - target)) +
                        normal_quantile(power) * std::sqrt(true_share * (1 - true_share));
  const double approximation = std::ceil(std::pow(spread / (true_share - target), 2));
  constexpr double most_exact = 100'000;
  if (approximation > most_exact) {
    if (approximation > 9e18)
      throw base::InvalidInput("true_share is too near to the target: no number of observations is enough");
    return static_cast<std::int64_t>(approximation);
  }
  // A share below the target is proven missed just as its complement is proven above the complement of the target.
  const double goal = true_share > target ? target : 1 - target;
  const double truth = true_share > target ? true_share : 1 - true_share;
  std::int64_t critical = 0;  // smallest k with P(X >= k | goal) <= alpha: grows by at most one with n
  for (std::int64_t n = 1;; ++n) {
    while (binomial_at_least(critical, n, goal) > alpha) ++critical;
    const double reached = truth >= 1 ? (critical <= n ? 1.0 : 0.0) : binomial_at_least(critical, n, truth);
    if (reached >= power) return n;
  }
}

std::vector<double> benjamini_hochberg(const std::vector<double>& p) {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < p.size(); ++k) {
    if (!std::isnan(p[k])) order.push_back(k);
  }
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size(), kNoNumber);
  double smallest = 1;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    const std::size_t k = order[rank - 1];
    smallest = std::min(smallest, p[k] * static_cast<double>(order.size()) / static_cast<double>(rank));
    adjusted[k] = smallest;
  }
  return adjusted;
}

}  // namespace journeykit::metrics
