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
  // `once`: no case is added twice.
  ClusterVariance(const events::Customers& customers, bool once)
      : customers_(customers), alone_(once && customers.count == customers.of_case.size()) {
    if (alone_) return;
    of_customer_.assign(customers.count, 0);
    seen_.assign(customers.count, 0);
  }
  void add(std::uint32_t case_index, double influence) {
    if (alone_) {
      ++count_;
      squares_ += influence * influence;
      return;
    }
    const std::uint32_t customer = customers_.of_case[case_index];
    if (seen_[customer] == 0) touched_.push_back(customer);
    seen_[customer] = 1;
    of_customer_[customer] += influence;
  }
  std::int64_t count() const { return alone_ ? count_ : static_cast<std::int64_t>(touched_.size()); }
  double variance() const {
    const auto g = static_cast<double>(count());
    if (g < 2) return std::numeric_limits<double>::infinity();
    double sum = squares_;
    for (const std::uint32_t customer : touched_) sum += of_customer_[customer] * of_customer_[customer];
    return sum * g / (g - 1);
  }

 private:
  const events::Customers& customers_;
  bool alone_;  // every case is a customer of its own
  std::int64_t count_ = 0;
  double squares_ = 0;
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
  ClusterVariance variance(customers, true);
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
  ClusterVariance variance(customers, true);
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

Side others_of(const Stratum& stratum) { return {stratum.others_good, static_cast<double>(stratum.others.size())}; }

Stratum stratum_of(const std::vector<Move>& moves, std::uint32_t target, std::span<const std::uint8_t> good) {
  Stratum out;
  for (std::size_t k = 0; k < moves.size();) {
    const std::uint32_t c = moves[k].case_index;
    bool into = false;
    for (; k < moves.size() && moves[k].case_index == c; ++k) into = into || moves[k].target == target;
    (into ? out.exposed : out.others).push_back(c);
    if (!into) out.others_good += good[c];
  }
  return out;
}

}  // namespace

StratifiedContrast compare_moves(const events::Customers& customers, const std::vector<std::vector<Move>>& moves_from,
                                 std::uint32_t target, std::span<const std::uint8_t> good, double confidence) {
  StratifiedContrast out;
  std::vector<Stratum>& strata = out.strata;
  for (const auto& moves : moves_from) {
    if (std::ranges::none_of(moves, [&](const Move& move) { return move.target == target; })) continue;
    Stratum stratum = stratum_of(moves, target, good);
    if (!stratum.others.empty()) strata.push_back(std::move(stratum));
  }
  if (strata.empty()) return out;
  std::vector<double>& weight = out.weight;
  weight.assign(good.size(), 0);
  std::vector<std::uint8_t> stood(good.size(), 0);
  for (const Stratum& stratum : strata) {
    for (const std::uint32_t c : stratum.exposed) weight[c] += 1;
    for (const std::uint32_t c : stratum.others) stood[c] = 1;
  }
  for (std::uint32_t c = 0; c < weight.size(); ++c) {
    if (weight[c] > 0) {
      out.cases.push_back(c);
      weight[c] = 1 / weight[c];
      stood[c] = 1;
    }
    out.standing += stood[c];
  }

  double lost = 0, pulled = 0;
  Side met;
  for (const std::uint32_t c : out.cases) {
    met.n += 1;
    met.good += good[c];
  }
  for (const Stratum& stratum : strata) {
    const Side other = others_of(stratum);
    for (const std::uint32_t c : stratum.exposed) {
      lost += weight[c] * (other.share() - good[c]);
      pulled += weight[c] * (other.pulled() - met.pulled());
    }
  }
  ClusterVariance variance(customers, false);
  double floor = met.n * met.n * met.pulled_variance();
  for (const Stratum& stratum : strata) {
    const Side other = others_of(stratum);
    double exposed_weight = 0;
    for (const std::uint32_t c : stratum.exposed) {
      exposed_weight += weight[c];
      variance.add(c, weight[c] * (met.pulled() - good[c]));
    }
    for (const std::uint32_t c : stratum.others) {
      variance.add(c, exposed_weight * (good[c] - other.pulled()) / (other.n + 2));
    }
    floor += exposed_weight * exposed_weight * other.pulled_variance();
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
