#include "journeykit/scoring/contrast.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "journeykit/metrics/quantile.hpp"

namespace journeykit::scoring {
namespace {

bool each_case_alone(const events::Customers& customers) { return customers.count == customers.of_case.size(); }

// Σ over customers of (Σ influence of the customer)², times G/(G−1).
double clustered(double squares, std::int64_t customers) {
  const auto g = static_cast<double>(customers);
  return g < 2 ? std::numeric_limits<double>::infinity() : squares * g / (g - 1);
}

// The same of influences that are added one after the other, at most one for each case.
class ClusterVariance {
 public:
  explicit ClusterVariance(const events::Customers& customers)
      : customers_(customers), alone_(each_case_alone(customers)) {
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
    double sum = squares_;
    for (const std::uint32_t customer : touched_) sum += of_customer_[customer] * of_customer_[customer];
    return clustered(sum, count());
  }

 private:
  const events::Customers& customers_;
  bool alone_;
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
  std::int64_t n_met = 0, good_met = 0, good_all = 0;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    const std::int64_t outcome = good[cases[k]] != 0 ? 1 : 0;
    n_met += exposed[k] != 0 ? 1 : 0;
    good_met += exposed[k] != 0 ? outcome : 0;
    good_all += outcome;
  }
  const Side met{static_cast<double>(good_met), static_cast<double>(n_met)};
  const Side other{static_cast<double>(good_all - good_met),
                   static_cast<double>(cases.size()) - static_cast<double>(n_met)};
  Contrast out;
  out.exposed = static_cast<std::int64_t>(met.n);
  out.others = static_cast<std::int64_t>(other.n);
  ClusterVariance variance(customers);
  const auto influence = [](const Side& side, int sign, double outcome) {
    return sign * (outcome - side.pulled()) / (side.n + 2);
  };
  const std::array<std::array<double, 2>, 2> influences = {
      {{influence(other, 1, 0), influence(other, 1, 1)}, {influence(met, -1, 0), influence(met, -1, 1)}}};
  for (std::size_t k = 0; k < cases.size(); ++k)
    variance.add(cases[k], influences[exposed[k] != 0 ? 1 : 0][good[cases[k]] != 0 ? 1 : 0]);
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

// One step from which some came into the target and the others did not.
struct Stratum {
  const std::vector<std::uint32_t>& left;
  std::span<const std::uint32_t> places;  // of the exposed in `left`
  Side others;

  std::uint32_t exposed(std::size_t k) const { return left[places[k]]; }
};

std::vector<Stratum> strata_of(const Moves& moves, std::uint32_t target, std::span<const std::uint8_t> good,
                               std::vector<Moves::WayIn>& ways) {
  std::vector<Stratum> out;
  const Moves::Arrivals& arrivals = moves.into[target];
  for (const Moves::WayIn& way : arrivals.ways) {
    Stratum stratum{moves.left[way.source], std::span(arrivals.places).subspan(way.begin, way.size()), {}};
    if (way.size() == stratum.left.size()) continue;
    stratum.others.n = static_cast<double>(stratum.left.size() - way.size());
    stratum.others.good = moves.good_left[way.source];
    for (std::size_t k = 0; k < way.size(); ++k) stratum.others.good -= good[stratum.exposed(k)];
    out.push_back(stratum);
    ways.push_back(way);
  }
  return out;
}

std::int64_t standing(const std::vector<Stratum>& strata, std::size_t cases) {
  std::vector<std::uint8_t> stood(cases, 0);
  for (const Stratum& stratum : strata) {
    for (const std::uint32_t c : stratum.left) stood[c] = 1;
  }
  return std::accumulate(stood.begin(), stood.end(), std::int64_t{0});
}

// Sums of influences over the strata by customer, some cases at a time so that the sums stay in the nearest cache.
// Where customers have several cases it is all at once. What is squared is added in the order in which customers are
// met, stratum by stratum, so that the result does not depend on how many are taken at a time.
class MoveVariance {
 public:
  MoveVariance(const events::Customers& customers, const std::vector<Stratum>& strata)
      : customers_(customers),
        strata_(strata),
        alone_(each_case_alone(customers)),
        room_(alone_ ? std::min(kAtOnce, customers.count) : customers.count),
        next_(strata.size()),
        of_customer_(room_, 0),
        seen_(room_, 0),
        met_(room_ + 1) {
    squares_.reserve(customers.count);
  }

  // of_exposed(case) and of_others[stratum][good] are the influences.
  template <class OfExposed>
  void add(std::span<const std::uint8_t> good, const OfExposed& of_exposed,
           std::span<const std::array<double, 2>> of_others) {
    const std::size_t cases = good.size();
    const std::size_t at_once = alone_ ? kAtOnce : std::max<std::size_t>(cases, 1);
    for (first_ = 0; first_ < cases; first_ += at_once) {
      for (std::size_t s = 0; s < strata_.size(); ++s)
        add(s, std::min(cases, first_ + at_once), good, of_exposed, of_others[s]);
      take();
    }
  }
  std::int64_t count() const { return static_cast<std::int64_t>(squares_.size()); }
  double variance() const {
    double sum = 0;
    for (std::size_t part = 0; part < 2 * strata_.size(); ++part) {
      for (std::size_t k = part; k < ends_.size(); k += 2 * strata_.size()) {
        for (std::size_t at = k == 0 ? 0 : ends_[k - 1]; at < ends_[k]; ++at) sum += squares_[at];
      }
    }
    return clustered(sum, count());
  }

 private:
  static constexpr std::size_t kAtOnce = 4096;
  struct Next {
    std::size_t left = 0, exposed = 0;
  };

  template <class OfExposed>
  void add(std::size_t s, std::size_t end_case, std::span<const std::uint8_t> good, const OfExposed& of_exposed,
           const std::array<double, 2>& of_others) {
    const Stratum& stratum = strata_[s];
    Next& next = next_[s];
    const auto begin = stratum.left.begin() + static_cast<std::ptrdiff_t>(next.left);
    const auto end =
        static_cast<std::size_t>(std::lower_bound(begin, stratum.left.end(), end_case) - stratum.left.begin());
    std::size_t exposed = next.exposed;
    for (; exposed < stratum.places.size() && stratum.places[exposed] < end; ++exposed) {
      const std::uint32_t c = stratum.exposed(exposed);
      touch(c, of_exposed(c));
    }
    ends_.push_back(squares_.size() + count_);
    for (; next.exposed < exposed; ++next.exposed) {
      add_others(stratum, next.left, stratum.places[next.exposed], good, of_others);
      next.left = stratum.places[next.exposed] + std::size_t{1};
    }
    add_others(stratum, next.left, end, good, of_others);
    next.left = end;
    ends_.push_back(squares_.size() + count_);
  }
  void add_others(const Stratum& stratum, std::size_t begin, std::size_t end, std::span<const std::uint8_t> good,
                  const std::array<double, 2>& influence) {
    for (std::size_t k = begin; k < end; ++k) touch(stratum.left[k], influence[good[stratum.left[k]]]);
  }
  void touch(std::uint32_t c, double influence) {
    const std::size_t at = alone_ ? c - first_ : customers_.of_case[c];
    met_[count_] = static_cast<std::uint32_t>(at);  // kept only when it is new, so that there is no jump to guess
    count_ += seen_[at] == 0 ? 1 : 0;
    seen_[at] = 1;
    of_customer_[at] += influence;
  }
  // Squares what the customers have, in the order in which they were met, and starts again.
  void take() {
    for (const std::uint32_t at : std::span(met_).first(count_)) {
      squares_.push_back(of_customer_[at] * of_customer_[at]);
      of_customer_[at] = 0;
      seen_[at] = 0;
    }
    count_ = 0;
  }

  const events::Customers& customers_;
  const std::vector<Stratum>& strata_;
  bool alone_;
  std::size_t room_, first_ = 0, count_ = 0;
  std::vector<Next> next_;  // per stratum
  std::vector<double> of_customer_;
  std::vector<std::uint8_t> seen_;
  std::vector<std::uint32_t> met_;  // the first count_ of them, and room for one more
  std::vector<double> squares_;     // of all customers so far
  std::vector<std::size_t> ends_;   // in squares_: of the exposed and the others of each stratum, met together
};

}  // namespace

Moves arrange(const std::vector<std::vector<Move>>& moves_from, std::size_t touchpoints,
              std::span<const std::uint8_t> good, const base::Cancellation& cancellation) {
  Moves out;
  out.left.resize(moves_from.size());
  out.into.resize(touchpoints);
  for (std::uint32_t source = 0; source < moves_from.size(); ++source) {
    cancellation.check();
    std::vector<std::uint32_t>& left = out.left[source];
    for (const Move& move : moves_from[source]) {
      if (left.empty() || left.back() != move.case_index) left.push_back(move.case_index);
      const auto place = static_cast<std::uint32_t>(left.size() - 1);
      Moves::Arrivals& into = out.into[move.target];
      if (into.ways.empty() || into.ways.back().source != source)
        into.ways.push_back({source, into.places.size(), into.places.size()});
      Moves::WayIn& way = into.ways.back();
      if (way.size() > 0 && into.places.back() == place) continue;  // the case has gone this way before
      into.places.push_back(place);
      way.end = into.places.size();
    }
    double good_left = 0;
    for (const std::uint32_t c : left) good_left += good[c];
    out.good_left.push_back(good_left);
  }
  return out;
}

StratifiedContrast compare_moves(const events::Customers& customers, const Moves& moves, std::uint32_t target,
                                 std::span<const std::uint8_t> good, double confidence) {
  StratifiedContrast out;
  const std::vector<Stratum> strata = strata_of(moves, target, good, out.strata);
  if (strata.empty()) return out;
  std::vector<std::uint32_t>& strata_of_case = out.strata_of_case;
  strata_of_case.assign(good.size(), 0);
  for (const Stratum& stratum : strata) {
    for (std::size_t k = 0; k < stratum.places.size(); ++k) ++strata_of_case[stratum.exposed(k)];
  }
  out.cases.resize(good.size());
  std::size_t n = 0;
  for (std::uint32_t c = 0; c < good.size(); ++c) {
    out.cases[n] = c;
    n += strata_of_case[c] > 0 ? 1 : 0;
  }
  out.cases.resize(n);
  Side met{0, static_cast<double>(n)};
  for (const std::uint32_t c : out.cases) met.good += good[c];

  double lost = 0, pulled = 0, floor = met.n * met.n * met.pulled_variance();
  std::vector<std::array<double, 2>> of_others;
  for (const Stratum& stratum : strata) {
    const Side& other = stratum.others;
    double exposed_weight = 0;
    for (std::size_t k = 0; k < stratum.places.size(); ++k) {
      const std::uint32_t c = stratum.exposed(k);
      const double weight = out.weight(c);
      exposed_weight += weight;
      lost += weight * (other.share() - good[c]);
      pulled += weight * (other.pulled() - met.pulled());
    }
    floor += exposed_weight * exposed_weight * other.pulled_variance();
    const auto influence = [&](double outcome) { return exposed_weight * (outcome - other.pulled()) / (other.n + 2); };
    of_others.push_back({influence(0), influence(1)});
  }
  MoveVariance variance(customers, strata);
  variance.add(
      good, [&](std::uint32_t c) { return out.weight(c) * (met.pulled() - good[c]); }, of_others);
  out.customers = variance.count();
  out.standing = each_case_alone(customers) ? out.customers : standing(strata, good.size());
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
