#include "journeykit/scoring/contrast.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "journeykit/metrics/quantile.hpp"

namespace journeykit::scoring {
namespace {

// Σ over customers of (Σ influence of the customer)², times G/(G−1).
class ClusterVariance {
 public:
  explicit ClusterVariance(const events::Customers& customers)
      : customers_(customers), of_customer_(customers.count, 0), seen_(customers.count, 0) {}
  void add(std::uint32_t case_index, double influence) {
    const std::uint32_t customer = customers_.of_case[case_index];
    if (seen_[customer] == 0) touched_.push_back(customer);
    seen_[customer] = 1;
    of_customer_[customer] += influence;
  }
  std::int64_t count() const { return static_cast<std::int64_t>(touched_.size()); }
  double variance() const {
    const auto g = static_cast<double>(touched_.size());
    if (touched_.size() < 2) return std::numeric_limits<double>::infinity();
    double sum = 0;
    for (const std::uint32_t customer : touched_) sum += of_customer_[customer] * of_customer_[customer];
    return sum * g / (g - 1);
  }

 private:
  const events::Customers& customers_;
  std::vector<double> of_customer_;
  std::vector<std::uint8_t> seen_;
  std::vector<std::uint32_t> touched_;
};

struct Side {
  double good = 0, n = 0;
  double share() const { return good / n; }
  double pulled() const { return (good + 1) / (n + 2); }
  double pulled_variance() const { return pulled() * (1 - pulled()) / (n + 2); }
};

struct Result {
  double low = kUnknown, high = kUnknown, p = kUnknown;
};

Result around(double centre, double variance, std::int64_t clusters, double confidence) {
  if (!std::isfinite(variance) || clusters < 2) return {};
  const double se = std::sqrt(variance);
  const auto degrees = static_cast<double>(clusters - 1);
  const double half = metrics::t_quantile(0.5 + confidence / 2, degrees) * se;
  return {centre - half, centre + half, se > 0 ? metrics::t_two_sided(centre / se, degrees) : kUnknown};
}

}  // namespace

Contrast compare(const events::Customers& customers, std::span<const std::uint32_t> cases,
                 std::span<const std::uint8_t> exposed, std::span<const std::uint8_t> good, double confidence) {
  Side met, other;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    Side& side = exposed[k] != 0 ? met : other;
    side.n += 1;
    side.good += good[cases[k]];
  }
  Contrast out;
  out.exposed = static_cast<std::int64_t>(met.n);
  out.others = static_cast<std::int64_t>(other.n);
  ClusterVariance variance(customers);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    const Side& side = exposed[k] != 0 ? met : other;
    variance.add(cases[k], (exposed[k] != 0 ? -1 : 1) * (good[cases[k]] - side.pulled()) / (side.n + 2));
  }
  out.customers = variance.count();
  if (met.n == 0 || other.n == 0) return out;
  out.exposed_share = met.share();
  out.other_share = other.share();
  out.difference = out.other_share - out.exposed_share;
  const double floor = met.pulled_variance() + other.pulled_variance();
  const Result result =
      around(other.pulled() - met.pulled(), std::max(variance.variance(), floor), out.customers, confidence);
  out.low = std::min(result.low, out.difference);
  out.high = std::max(result.high, out.difference);
  out.p = result.p;
  return out;
}

Loss lost_here(const events::Customers& customers, std::span<const std::uint32_t> cases,
               std::span<const std::uint8_t> lost, std::span<const std::uint8_t> good, double confidence) {
  Side on;
  double n_lost = 0;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    if (lost[k] != 0) {
      n_lost += 1;
    } else {
      on.n += 1;
      on.good += good[cases[k]];
    }
  }
  Loss out;
  out.lost = static_cast<std::int64_t>(n_lost);
  const double share_lost = n_lost / static_cast<double>(cases.size());
  ClusterVariance variance(customers);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    const double of_lost = on.pulled() * (lost[k] - share_lost);
    const double of_share = lost[k] != 0 ? 0 : n_lost * (good[cases[k]] - on.pulled()) / (on.n + 2);
    variance.add(cases[k], of_lost + of_share);
  }
  out.customers = variance.count();
  if (on.n == 0) return out;
  out.others_share = on.share();
  out.completions = n_lost * out.others_share;
  const double floor = n_lost * n_lost * on.pulled_variance();
  const Result result = around(n_lost * on.pulled(), std::max(variance.variance(), floor), out.customers, confidence);
  out.low = std::max(0.0, std::min(result.low, out.completions));
  out.high = std::max(result.high, out.completions);
  out.p = result.p;
  return out;
}

namespace {

// The cases that left one step: into the target at least once, or elsewhere only.
struct Stratum {
  std::vector<std::uint32_t> exposed, others;
  Side other;
};

Stratum stratum_of(const std::vector<Move>& moves, std::uint32_t target, std::span<const std::uint8_t> good) {
  Stratum out;
  for (std::size_t k = 0; k < moves.size();) {
    const std::uint32_t c = moves[k].case_index;
    bool into = false;
    for (; k < moves.size() && moves[k].case_index == c; ++k) into = into || moves[k].target == target;
    (into ? out.exposed : out.others).push_back(c);
    if (!into) {
      out.other.n += 1;
      out.other.good += good[c];
    }
  }
  return out;
}

}  // namespace

StratifiedContrast compare_moves(const events::Customers& customers, const std::vector<std::vector<Move>>& moves_from,
                                 std::uint32_t target, std::span<const std::uint8_t> good, double confidence) {
  std::vector<Stratum> strata;
  std::vector<std::uint32_t> standing;
  StratifiedContrast out;
  for (const auto& moves : moves_from) {
    if (std::ranges::none_of(moves, [&](const Move& move) { return move.target == target; })) continue;
    Stratum stratum = stratum_of(moves, target, good);
    if (stratum.others.empty()) continue;
    out.cases.insert(out.cases.end(), stratum.exposed.begin(), stratum.exposed.end());
    standing.insert(standing.end(), stratum.others.begin(), stratum.others.end());
    strata.push_back(std::move(stratum));
  }
  std::ranges::sort(out.cases);
  std::vector<double> weight(good.size(), 0);  // 1 / (strata in which the case was exposed)
  for (const std::uint32_t c : out.cases) weight[c] += 1;
  for (const std::uint32_t c : out.cases) weight[c] = weight[c] > 1 ? 1 / weight[c] : weight[c];
  out.cases.erase(std::unique(out.cases.begin(), out.cases.end()), out.cases.end());
  standing.insert(standing.end(), out.cases.begin(), out.cases.end());
  std::ranges::sort(standing);
  out.standing = std::unique(standing.begin(), standing.end()) - standing.begin();
  if (out.cases.empty()) return out;

  double lost = 0, pulled = 0;
  Side met;
  for (const std::uint32_t c : out.cases) {
    met.n += 1;
    met.good += good[c];
  }
  for (const Stratum& stratum : strata) {
    for (const std::uint32_t c : stratum.exposed) {
      lost += weight[c] * (stratum.other.share() - good[c]);
      pulled += weight[c] * (stratum.other.pulled() - met.pulled());
    }
  }
  ClusterVariance variance(customers);
  double floor = met.n * met.n * met.pulled_variance();
  for (const Stratum& stratum : strata) {
    double exposed_weight = 0;
    for (const std::uint32_t c : stratum.exposed) {
      exposed_weight += weight[c];
      variance.add(c, weight[c] * (met.pulled() - good[c]));
    }
    for (const std::uint32_t c : stratum.others) {
      variance.add(c, exposed_weight * (good[c] - stratum.other.pulled()) / (stratum.other.n + 2));
    }
    floor += exposed_weight * exposed_weight * stratum.other.pulled_variance();
  }
  out.customers = variance.count();
  out.exposed_share = met.share();
  out.lost = lost;
  const Result result = around(pulled, std::max(variance.variance(), floor), out.customers, confidence);
  out.low = std::min(result.low, lost);
  out.high = std::max(result.high, lost);
  out.p = result.p;
  return out;
}

std::vector<std::uint8_t> cases_followed(const events::EventLog& log, const events::Customers& customers,
                                         std::int64_t within_ns) {
  const auto offsets = log.case_offsets();
  const auto times = log.times();
  const auto start = [&](std::uint32_t c) { return times[offsets[c]]; };
  std::vector<std::uint32_t> order(log.case_count());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
    if (customers.of_case[a] != customers.of_case[b]) return customers.of_case[a] < customers.of_case[b];
    return start(a) < start(b);
  });
  std::vector<std::uint8_t> out(log.case_count(), 0);
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::uint32_t c = order[k];
    const std::int64_t end = times[offsets[c + 1] - 1];
    for (std::size_t next = k + 1; next < order.size() && customers.of_case[order[next]] == customers.of_case[c];
         ++next) {
      const std::int64_t begins = start(order[next]);
      if (begins <= end) continue;  // it ran at the same time
      if (begins - end <= within_ns) out[c] = 1;
      break;
    }
  }
  return out;
}

}  // namespace journeykit::scoring
