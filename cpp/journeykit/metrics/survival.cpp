#include "journeykit/metrics/survival.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"

namespace journeykit::metrics {
namespace {

constexpr double kNanosecond = 1e-9;

std::vector<Spell> by_length(std::span<const Spell> spells) {
  std::vector<Spell> sorted(spells.begin(), spells.end());
  std::ranges::sort(sorted, [](const Spell& a, const Spell& b) {
    if (a.length_ns != b.length_ns) return a.length_ns < b.length_ns;
    if (a.customer != b.customer) return a.customer < b.customer;
    return a.end < b.end;
  });
  if (!sorted.empty() && sorted.front().length_ns < 0)
    throw base::InvalidInput("a spell has a negative length; expected 0 or more ns");
  return sorted;
}

// Variance of the sum of influences by customer over that by spell, at least 1, widened for few customers.
double clustering(std::span<const Spell> spells, const std::vector<double>& influence, double customers,
                  double confidence) {
  std::vector<std::size_t> order(spells.size());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
  std::ranges::stable_sort(order, {}, [&](std::size_t k) { return spells[k].customer; });
  double between = 0;
  double independent = 0;
  double sum = 0;
  for (std::size_t at = 0; at < order.size(); ++at) {
    const std::size_t k = order[at];
    sum += influence[k];
    independent += influence[k] * influence[k];
    if (at + 1 == order.size() || spells[order[at + 1]].customer != spells[k].customer) {
      between += sum * sum;
      sum = 0;
    }
  }
  const auto n = static_cast<double>(spells.size());
  if (customers == n || !(independent > 0)) return 1;
  const double ratio = customers / (customers - 1) * between / (n / (n - 1) * independent);
  const double upper = 0.5 + confidence / 2;
  const double few = t_quantile(upper, customers - 1) / t_quantile(upper, n - 1);
  return std::max(1.0, ratio) * few * few;
}

double customers_of(std::span<const Spell> spells, double& largest_share) {
  std::vector<std::uint32_t> codes;
  codes.reserve(spells.size());
  for (const Spell& s : spells) codes.push_back(s.customer);
  std::ranges::sort(codes);
  double count = 0;
  std::size_t run = 0;
  std::size_t longest = 0;
  for (std::size_t k = 0; k < codes.size(); ++k) {
    const bool fresh = k == 0 || codes[k] != codes[k - 1];
    run = fresh ? 1 : run + 1;
    count += fresh ? 1 : 0;
    longest = std::max(longest, run);
  }
  largest_share = codes.empty() ? 0 : static_cast<double>(longest) / static_cast<double>(codes.size());
  return count;
}

// Number of curve points at or before `at_ns`.
std::size_t points_until(const SurvivalCurve& curve, std::int64_t at_ns) {
  return static_cast<std::size_t>(std::ranges::upper_bound(curve.times_ns, at_ns) - curve.times_ns.begin());
}

Estimate begin(std::span<const Spell> spells, const char* method, double confidence) {
  check_confidence(confidence);
  Estimate out;
  out.method = method;
  out.n = static_cast<std::int64_t>(spells.size());
  double largest = 0;
  out.customers = static_cast<std::int64_t>(customers_of(spells, largest));
  if (spells.empty()) {
    warn(out, "no data");
  } else {
    warn_of_customers(out, largest);
  }
  return out;
}

// Influence of each spell on incidence(at): the derivative with respect to its weight.
std::vector<double> incidence_influence(std::span<const Spell> spells, const SurvivalCurve& curve, std::int64_t at_ns) {
  constexpr std::size_t spells_at_once = 65'536;
  const std::size_t points = points_until(curve, at_ns);
  std::vector<double> risk_of_survival(points + 1, 0), through_survival(points + 1, 0), own(points + 1, 0);
  double before = 1;
  for (std::size_t k = 0; k < points; ++k) {
    const auto n = static_cast<double>(curve.at_risk[k]);
    const auto ended = static_cast<double>(curve.events[k] + curve.competing[k]);
    const double step = before * static_cast<double>(curve.events[k]) / n;
    through_survival[k + 1] = through_survival[k] + step * risk_of_survival[k];
    own[k + 1] = own[k] + step / n;
    risk_of_survival[k + 1] = risk_of_survival[k] + (n > ended ? ended / (n * (n - ended)) : 0);
    before = curve.survival[k];
  }
  const double total = points == 0 ? 0 : curve.incidence[points - 1];
  std::vector<double> out(spells.size());
  const auto influence_of = [&](const Spell& s) {
    const std::size_t mine = std::min(points, points_until(curve, s.length_ns));
    double value = through_survival[mine] - own[mine];
    const bool ends_here = s.end != SpellEnd::Censored && s.length_ns <= at_ns;
    double after = risk_of_survival[mine];
    if (ends_here) {
      const std::size_t k = mine - 1;
      const auto left = static_cast<double>(curve.at_risk[k] - curve.events[k] - curve.competing[k]);
      if (left > 0) after -= 1 / left;
      if (s.end == SpellEnd::Event)
        value += (k == 0 ? 1.0 : curve.survival[k - 1]) / static_cast<double>(curve.at_risk[k]);
    }
    return value + (total - (mine == 0 ? 0 : curve.incidence[mine - 1])) * after;
  };
  base::parallel_for(out.size(), spells_at_once, 0, {}, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) out[i] = influence_of(spells[i]);
  });
  return out;
}

std::vector<Spell> competing_as_censored(std::span<const Spell> spells) {
  std::vector<Spell> out(spells.begin(), spells.end());
  for (Spell& s : out) {
    if (s.end == SpellEnd::Competing) s.end = SpellEnd::Censored;
  }
  return out;
}

// First step at which `curve_at(k)` has come down to `level`; at_level: it stands there exactly. Unset: never.
struct Crossing {
  std::size_t step = 0;
  bool at_level = false;
};
template <class CurveAt>
std::optional<Crossing> crossing(const SurvivalCurve& curve, double level, CurveAt&& curve_at) {
  constexpr double rounding = 1e-12;
  for (std::size_t k = 0; k < curve.times_ns.size(); ++k) {
    const double s = curve_at(k);
    if (std::isnan(s) || s > level + rounding) continue;
    return Crossing{k, s >= level - rounding};
  }
  return std::nullopt;
}

// On a step exactly at the level the middle to the next step, so that without censoring the median is the usual one.
double seconds_of(const SurvivalCurve& curve, const Crossing& at) {
  const auto time = static_cast<double>(curve.times_ns[at.step]);
  if (!at.at_level || at.step + 1 == curve.times_ns.size()) return time * kNanosecond;
  return (time + static_cast<double>(curve.times_ns[at.step + 1])) / 2 * kNanosecond;
}

}  // namespace

SurvivalCurve survival_curve(std::span<const Spell> spells) {
  const std::vector<Spell> sorted = by_length(spells);
  SurvivalCurve out;
  double survival = 1;
  double greenwood = 0;
  double incidence = 0;
  for (std::size_t k = 0; k < sorted.size();) {
    const std::size_t begin = k;
    std::int64_t events = 0;
    std::int64_t competing = 0;
    for (; k < sorted.size() && sorted[k].length_ns == sorted[begin].length_ns; ++k) {
      events += sorted[k].end == SpellEnd::Event ? 1 : 0;
      competing += sorted[k].end == SpellEnd::Competing ? 1 : 0;
    }
    out.longest_ns = sorted[begin].length_ns;
    if (events + competing == 0) continue;
    const auto n = static_cast<double>(sorted.size() - begin);
    const auto ended = static_cast<double>(events + competing);
    incidence += survival * static_cast<double>(events) / n;
    survival *= 1 - ended / n;
    greenwood += ended / (n * (n - ended));  // infinite where nobody is left, and survival 0
    out.times_ns.push_back(sorted[begin].length_ns);
    out.at_risk.push_back(static_cast<std::int64_t>(sorted.size() - begin));
    out.events.push_back(events);
    out.competing.push_back(competing);
    out.survival.push_back(survival);
    out.greenwood.push_back(greenwood);
    out.incidence.push_back(incidence);
  }
  return out;
}

Interval log_log_interval(double survival, double greenwood, double confidence) {
  check_confidence(confidence);
  if (!(survival > 0 && survival < 1 && std::isfinite(greenwood))) return {};
  const double z = normal_quantile(0.5 + confidence / 2);
  const double spread = z * std::sqrt(greenwood) / std::abs(std::log(survival));
  return {std::pow(survival, std::exp(spread)), std::pow(survival, std::exp(-spread))};
}

Estimate estimate_survival(std::span<const Spell> spells, std::int64_t at_ns, double confidence) {
  Estimate out = begin(spells, "share, Kaplan–Meier, log-log on customers", confidence);
  if (spells.empty()) return out;
  const SurvivalCurve curve = survival_curve(spells);
  const std::size_t points = points_until(curve, at_ns);
  const double incidence = points == 0 ? 0 : curve.incidence[points - 1];
  const bool competing = std::ranges::any_of(spells, [](const Spell& s) { return s.end == SpellEnd::Competing; });
  if (competing) out.method = "share, Aalen–Johansen, log-log on customers";
  const double left = points == 0 ? 1 : curve.survival[points - 1];
  if (curve.longest_ns < at_ns && left > 0) {
    warn(out, "no data: nobody was followed for the whole time");
    return out;
  }
  out.value = 1 - incidence;
  if (out.customers < 2) return out;
  const auto customers = static_cast<double>(out.customers);
  constexpr double rounding = 1e-12;
  if (incidence < rounding || incidence > 1 - rounding) {
    // Greenwood knows no spread here. Every customer whose outcome is known counts once.
    out.value = incidence < rounding ? 1 : 0;
    std::vector<Observation> known;
    for (const Spell& s : spells) {
      if (s.length_ns >= at_ns || s.end != SpellEnd::Censored) known.push_back({s.customer, out.value, 1});
    }
    const double n_eff = effective(known, confidence).n_eff;
    const Interval interval = wilson(out.value * n_eff, n_eff, confidence);
    out.low = interval.low;
    out.high = interval.high;
    out.method = competing ? "share, Aalen–Johansen, Wilson on customers" : "share, Kaplan–Meier, Wilson on customers";
    return out;
  }
  const std::vector<double> influence = incidence_influence(spells, curve, at_ns);
  double variance = 0;
  for (const double i : influence) variance += i * i;
  if (!competing) variance = curve.greenwood[points - 1] * out.value * out.value;
  const double deff = clustering(spells, influence, customers, confidence);
  const Interval interval = log_log_interval(out.value, variance * deff / (out.value * out.value), confidence);
  out.low = interval.low;
  out.high = interval.high;
  return out;
}

Estimate estimate_quantile(std::span<const Spell> all, double share, double confidence) {
  if (!(share > 0 && share < 1))
    throw base::InvalidInput("share is " + std::to_string(share) +
                             "; expected a share between 0 and 1, such as 0.5 for the median");
  const std::vector<Spell> spells = competing_as_censored(all);
  Estimate out = begin(spells, "quantile, Kaplan–Meier, log-log inversion on customers", confidence);
  if (spells.empty()) return out;
  const SurvivalCurve curve = survival_curve(spells);
  const double level = 1 - share;
  const auto reached = crossing(curve, level, [&](std::size_t k) { return curve.survival[k]; });
  if (!reached) {
    warn(out, "no data: fewer than " + std::to_string(std::lround(100 * share)) + " % are over");
    return out;
  }
  out.value = seconds_of(curve, *reached);
  if (out.customers < 2) return out;
  const std::vector<double> influence = incidence_influence(spells, curve, curve.times_ns[reached->step]);
  const double deff = clustering(spells, influence, static_cast<double>(out.customers), confidence);
  const auto limit = [&](bool upper) {
    return crossing(curve, level, [&, upper](std::size_t k) {
      if (!(curve.survival[k] > 0)) return 0.0;
      const Interval interval = log_log_interval(curve.survival[k], curve.greenwood[k] * deff, confidence);
      return upper ? interval.high : interval.low;
    });
  };
  const auto low = limit(false);
  const auto high = limit(true);
  out.low = low ? std::min(seconds_of(curve, *low), out.value) : out.value;
  // Where nobody is left the upper limit is not 0 but unknown.
  if (!high || !(curve.survival[high->step] > 0)) {
    warn(out, "too few to bound the time from above");
  } else {
    out.high = std::max(seconds_of(curve, *high), out.value);
  }
  return out;
}

Estimate estimate_mean_time(std::span<const Spell> all, double confidence) {
  const std::vector<Spell> spells = competing_as_censored(all);
  Estimate out = begin(spells, "mean, area under Kaplan–Meier, t on customers", confidence);
  if (spells.empty()) return out;
  const SurvivalCurve curve = survival_curve(spells);
  if (curve.times_ns.empty()) {
    warn(out, "no data: none is over");
    return out;
  }
  const std::size_t points = curve.times_ns.size();
  const bool cut = curve.survival.back() > 0;
  // Area to the right of each time, and ∫ S(u)·Σ d/(n(n−d)) du to its left: what one spell's weight changes.
  std::vector<double> area_after(points + 1, 0), risk_area(points + 1, 0), risk(points + 1, 0);
  const auto seconds = [&](std::size_t k) {
    return static_cast<double>(k < points ? curve.times_ns[k] : curve.longest_ns) * kNanosecond;
  };
  for (std::size_t k = points; k-- > 0;)
    area_after[k] = area_after[k + 1] + curve.survival[k] * (seconds(k + 1) - seconds(k));
  for (std::size_t k = 0; k < points; ++k) {
    const auto n = static_cast<double>(curve.at_risk[k]);
    const auto ended = static_cast<double>(curve.events[k]);
    risk[k + 1] = risk[k] + (n > ended ? ended / (n * (n - ended)) : 0);
    risk_area[k + 1] = risk_area[k] + curve.survival[k] * risk[k + 1] * (seconds(k + 1) - seconds(k));
  }
  out.value = seconds(0) + area_after[0];
  if (cut)
    warn(out,
         "mean of the time up to " + std::to_string(std::llround(seconds(points))) + " s: the longest is not over");
  if (out.customers < 2) return out;
  std::vector<double> influence(spells.size());
  double independent = 0;
  for (std::size_t i = 0; i < spells.size(); ++i) {
    const Spell& s = spells[i];
    const std::size_t mine = points_until(curve, s.length_ns);
    // A censored spell lies inside a step: split the step's area at its length.
    const double from_step = mine == 0 ? 0 : static_cast<double>(s.length_ns) * kNanosecond - seconds(mine - 1);
    const double inside = mine == 0 ? 0 : curve.survival[mine - 1] * from_step;
    double after = risk[mine];
    if (s.end == SpellEnd::Event) {
      const auto left = static_cast<double>(curve.at_risk[mine - 1] - curve.events[mine - 1]);
      if (left > 0) after -= 1 / left;
    }
    const double area = mine == 0 ? area_after[0] + 0 : area_after[mine - 1] - inside;
    const double left_part = mine == 0 ? 0 : risk_area[mine - 1] + inside * risk[mine];
    influence[i] = left_part + area * after;
    independent += influence[i] * influence[i];
  }
  const auto n = static_cast<double>(spells.size());
  const auto customers = static_cast<double>(out.customers);
  // clustering() widens for few customers; the t quantile with G − 1 degrees below already does.
  const double upper = 0.5 + confidence / 2;
  const double few = customers == n ? 1 : t_quantile(upper, customers - 1) / t_quantile(upper, n - 1);
  const double variance =
      n / (n - 1) * independent * clustering(spells, influence, customers, confidence) / (few * few);
  if (!(variance > 1e-24 * out.value * out.value)) {
    warn(out, "nothing varies: no interval");
    return out;
  }
  const Interval interval = t_interval(out.value, std::sqrt(variance), customers - 1, confidence);
  out.low = std::max(0.0, interval.low);
  out.high = interval.high;
  return out;
}

}  // namespace journeykit::metrics
