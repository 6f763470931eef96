#include "journeykit/scoring/map_intervals.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/ranks.hpp"
#include "journeykit/discovery/times.hpp"
#include "journeykit/metrics/estimate_columns.hpp"
#include "journeykit/metrics/interval.hpp"
#include "journeykit/metrics/quantile.hpp"
#include "journeykit/scoring/detail_customer_sums.hpp"
#include "journeykit/scoring/detail_percentiles.hpp"

namespace journeykit::scoring {
namespace {

using metrics::Estimate;

using metrics::kEnoughCustomers;
constexpr std::size_t kNoFeature = static_cast<std::size_t>(-1);

metrics::Moments moments_of(const Ratio& number, double product, const CustomerSums& sums) {
  const FeatureSums& part = sums.features[number.part];
  const FeatureSums& whole = sums.features[number.whole];
  metrics::Moments out;
  out.n = out.weight = whole.sum;
  out.customers = whole.customers;
  out.squared_sizes = whole.squares;
  out.largest_size = whole.largest;
  if (number.form == Form::Mean) {  // its part is less the mean already
    out.value = number.known * whole.sum;
    out.between = part.squares;
    out.independent = part.own_squares;
    out.scale = part.own_squares + number.known * out.value;
    return out;
  }
  const double ratio = whole.sum > 0 ? part.sum / whole.sum : 0;
  out.value = part.sum;
  out.between = std::max(0.0, part.squares - 2 * ratio * product + ratio * ratio * whole.squares);
  out.scale = number.form == Form::Rate ? part.own_squares : part.sum;
  out.independent = std::max(0.0, out.scale - ratio * part.sum);
  return out;
}

// Where in n sorted values the ends of a quantile's interval stand, counted from 0; below 0 or beyond n − 1: nowhere.
struct Ends {
  double low = -1, high = -1;
};

Ends ends_of(double low_level, double high_level, double n) {
  constexpr double half = 0.5;  // the middle of a value's own step of the distribution
  return {n * low_level - half, n * high_level - half};
}

// The quantile's place is known: it is the level that the share at or below it may miss by this much.
Ends woodruff(const metrics::Moments& moments, double level, double confidence) {
  const metrics::Effective seen = metrics::effective(moments, confidence);
  if (seen.customers < 2) return {};
  const double half = metrics::normal_quantile(0.5 + confidence / 2) * std::sqrt(level * (1 - level) / seen.n_eff);
  return ends_of(level - half, level + half, moments.n);
}

void set_ends(Estimate& out, const Ends& ends, std::span<std::int64_t> values) {
  const auto n = static_cast<double>(values.size());
  std::vector<std::size_t> ranks;
  const auto ask = [&](double place) {
    if (!(place >= 0 && place <= n - 1)) return false;
    const auto below = static_cast<std::size_t>(place);
    ranks.push_back(below);
    ranks.push_back(std::min(below + 1, values.size() - 1));
    return true;
  };
  const bool low = ask(ends.low);
  const bool high = ask(ends.high);
  if (!ranks.empty()) {
    const std::vector<std::int64_t> found = base::at_ranks(values, ranks);
    const auto between = [&](std::size_t at, double place) {
      const double part = place - std::floor(place);
      return (static_cast<double>(found[at]) * (1 - part) + static_cast<double>(found[at + 1]) * part) / 1e9;
    };
    if (low) out.low = std::min(out.value, between(0, ends.low));
    if (high) out.high = std::max(out.value, between(low ? 2 : 0, ends.high));
  }
  if (out.customers < 2) return;
  if (!low) metrics::warn(out, "too few for a lower end");
  if (!high) metrics::warn(out, "too few for an upper end");
}

// Events of one case may rule each other out (a case stops once), so that customers know a share better than as many
// independent events would. With enough customers to see it, that is taken.
Estimate share_of_events(const metrics::Moments& moments, double confidence) {
  Estimate out = metrics::share_from(moments, confidence);
  constexpr double least = 0.05;
  if (moments.customers < kEnoughCustomers || !(moments.independent > 0)) return out;
  const double clustered = moments.customers / (moments.customers - 1) * moments.between;
  const double ratio = clustered / (moments.n / (moments.n - 1) * moments.independent);
  if (ratio >= 1) return out;
  const double n = metrics::effective(moments, confidence).n_eff / std::max(least, ratio);
  metrics::set_wilson(out, n, confidence);
  return out;
}

// Times are skew, which makes t intervals miss above. Hall (1992): T + κT²/3 + κ²T³/27 + κ/6 is nearly normal, with κ
// the skewness of customers over √G; the interval is where it lies between the quantiles of t.
Estimate mean_of_times(const Ratio& number, const metrics::Moments& moments, double cubes, double confidence) {
  Estimate out = metrics::mean_from(moments, confidence);
  out.value = number.known;
  if (std::isnan(out.low) || moments.customers < kEnoughCustomers) return out;
  out.method = "mean, t on customers, skewness removed";
  const double error = metrics::effective(moments, confidence).standard_error;
  const double t = metrics::t_quantile(0.5 + confidence / 2, moments.customers - 1);
  const double skew = cubes / std::pow(moments.between, 1.5);
  const auto back = [&](double x) {
    constexpr double straight = 1e-6;
    return std::abs(skew) < straight ? x : 3 / skew * (std::cbrt(1 + skew * (x - skew / 6)) - 1);
  };
  out.low = std::min(out.value, out.value - error * back(t));
  out.high = std::max(out.value, out.value - error * back(-t));
  return out;
}

Estimate analytic(const Ratio& number, double product, const CustomerSums& sums, double confidence) {
  const metrics::Moments moments = moments_of(number, product, sums);
  switch (number.form) {
    case Form::Share:
      return number.of_events ? share_of_events(moments, confidence) : metrics::share_from(moments, confidence);
    case Form::Rate:
      return metrics::rate_from(moments, confidence);
    case Form::Mean:
      return mean_of_times(number, moments, sums.features[number.part].cubes, confidence);
    case Form::Quantile:
      break;
  }
  Estimate out;
  out.method = "quantile, Woodruff on customers";
  out.value = number.known;
  out.n = static_cast<std::int64_t>(moments.n);
  out.customers = static_cast<std::int64_t>(moments.customers);
  metrics::warn_of_customers(out, moments.largest_size / moments.n);
  set_ends(out, woodruff(moments, number.level, confidence), number.values);
  return out;
}

Estimate resampled(const Ratio& number, std::span<const double> part, std::span<const double> whole,
                   const CustomerSums& sums, std::size_t groups, const IntervalOptions& options) {
  Estimate out;
  const FeatureSums& counted = sums.features[number.whole];
  out.n = static_cast<std::int64_t>(counted.sum);
  out.customers = static_cast<std::int64_t>(counted.customers);
  if (!(counted.sum > 0)) {
    metrics::warn(out, "no data");
    return out;
  }
  const double share = sums.features[number.part].sum / counted.sum;
  const bool timed = number.form == Form::Mean || number.form == Form::Quantile;
  out.value = timed ? number.known : share;
  out.method =
      "bootstrap of " + std::to_string(options.replicates) + " × " + std::to_string(groups) +
      (static_cast<double>(groups) < sums.features[kCustomer].customers ? " groups of customers" : " customers");
  metrics::warn_of_customers(out, counted.largest / counted.sum);
  std::vector<double> replicates;
  for (std::size_t r = 0; r < part.size(); ++r) {
    if (whole[r] > 0) replicates.push_back(part[r] / whole[r]);
  }
  auto [low, high] =
      percentiles(replicates, std::min(counted.customers, static_cast<double>(groups)), options.confidence);
  if (std::isnan(low)) return out;
  if (number.form == Form::Quantile) {
    set_ends(out, ends_of(number.level - (high - share), number.level + (share - low), counted.sum), number.values);
    return out;
  }
  if (low == high) {
    metrics::warn(out, "nothing varies: no interval");
    return out;
  }
  if (number.form == Form::Mean) {
    low += number.known;
    high += number.known;
  }
  out.low = std::min(low, out.value);
  out.high = std::max(high, out.value);
  return out;
}

// work(begin, end) for the numbers of each element of the map, in parallel: they share their times.
template <class Work>
void for_each_element(std::span<const Ratio> numbers, const IntervalOptions& options,
                      const base::Cancellation& cancellation, const Work& work) {
  std::vector<std::size_t> starts;
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    if (k == 0 || numbers[k].touchpoint != numbers[k - 1].touchpoint || numbers[k].target != numbers[k - 1].target) {
      starts.push_back(k);
    }
  }
  starts.push_back(numbers.size());
  base::parallel_for(starts.size() - 1, 1, options.threads, cancellation,
                     [&](std::size_t k, std::size_t) { work(starts[k], starts[k + 1]); });
}

std::vector<Estimate> bootstrap(const events::EventLog& log, const MapFeatures& features,
                                std::span<const Ratio> numbers, const CustomerSums& sums,
                                const IntervalOptions& options, const base::Cancellation& cancellation) {
  const auto groups = events::customer_groups(log, options.groups, options.seed);
  const auto draws = events::draw_groups(groups.count, options.replicates, options.seed, options.threads, cancellation);
  const auto make_reader = [&]() -> events::GroupReader {
    return [&, marks = MapFeatures::Marks(features)](std::size_t g, events::GroupTally& tally) mutable {
      const auto cases = groups.cases_of(g);
      for (std::size_t k = 0, last = 0; k < cases.size(); k = last) {
        const std::uint32_t customer = groups.of_case[cases[k]];
        while (last < cases.size() && groups.of_case[cases[last]] == customer) ++last;
        features.read(
            cases.subspan(k, last - k), customer, marks, [&](std::size_t f, double value) { tally.add(f, value); },
            [](std::size_t, double) {});
      }
    };
  };
  const auto group_sums = events::sum_groups(groups, features.count(), options.threads, cancellation, make_reader);
  std::vector<Estimate> out(numbers.size());
  for_each_element(numbers, options, cancellation, [&](std::size_t begin, std::size_t end) {
    std::vector<double> part(draws.replicates), whole(draws.replicates);
    std::size_t held = kNoFeature;
    for (std::size_t k = begin; k < end; ++k) {
      cancellation.check();
      std::ranges::fill(part, 0.0);
      group_sums.add_replicates(numbers[k].part, draws, part);
      if (numbers[k].whole != held) {
        held = numbers[k].whole;
        std::ranges::fill(whole, 0.0);
        group_sums.add_replicates(held, draws, whole);
      }
      out[k] = resampled(numbers[k], part, whole, sums, groups.count, options);
    }
  });
  return out;
}

void check(const IntervalOptions& options) {
  metrics::check_confidence(options.confidence);
  constexpr std::size_t fewest = 100, most = 1'000'000;
  if (options.bootstrap && (options.replicates < fewest || options.replicates > most)) {
    throw base::InvalidInput("replicates is " + std::to_string(options.replicates) + "; expected 100 to 1,000,000");
  }
  if (options.bootstrap && options.groups < 2) {
    throw base::InvalidInput("groups is " + std::to_string(options.groups) + "; expected 2 or more");
  }
}

}  // namespace

std::vector<MapNumber> map_intervals(const events::EventLog& log, const IntervalOptions& options,
                                     const base::Cancellation& cancellation) {
  check(options);
  SeenMap seen;
  seen.timed = discovery::timed_graph(log, {options.threads}, cancellation);
  std::vector<events::CaseStatus> status = events::case_status(log);
  std::vector<std::int64_t> durations = discovery::case_durations_ns(log);
  for (std::size_t c = 0; c < status.size(); ++c) {
    if (status[c] != events::CaseStatus::Open) seen.closed_durations.push_back(durations[c]);
  }
  seen.case_times = discovery::summarize(seen.closed_durations);
  seen.has_endings = !log.options().endings.completed.empty() || !log.options().endings.failed.empty();
  const MapFeatures features(log, seen.timed, seen.case_times, std::move(durations), std::move(status));
  const std::vector<Ratio> numbers = ratios_of(seen, features);
  const CustomerSums sums = sum_customers(log, features, numbers, options, cancellation);
  std::vector<Estimate> estimates(numbers.size());
  if (options.bootstrap) {
    estimates = bootstrap(log, features, numbers, sums, options, cancellation);
  } else {
    for_each_element(numbers, options, cancellation, [&](std::size_t begin, std::size_t end) {
      for (std::size_t k = begin; k < end; ++k) {
        estimates[k] = analytic(numbers[k], sums.products[k], sums, options.confidence);
      }
    });
  }
  std::vector<MapNumber> out;
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const Ratio& number = numbers[k];
    out.push_back({number.touchpoint, number.target, number.name, number.unit(), std::move(estimates[k])});
  }
  return out;
}

base::Table map_numbers_table(const events::EventLog& log, const std::vector<MapNumber>& numbers) {
  const auto touchpoints = log.category(events::Role::Touchpoint).dictionary;
  base::Category touchpoint{{}, touchpoints}, target{{}, touchpoints};
  base::TextColumn element, name, unit;
  metrics::EstimateColumns estimates;
  for (const MapNumber& number : numbers) {
    element.add(number.target != kNoTouchpoint       ? "transition"
                : number.touchpoint != kNoTouchpoint ? "touchpoint"
                                                     : "journey");
    touchpoint.codes.push_back(number.touchpoint);
    target.codes.push_back(number.target);
    name.add(number.number);
    unit.add(number.unit);
    estimates.add(number.estimate);
  }
  base::Table out;
  out.add("element", element.finish());
  out.add("touchpoint", std::move(touchpoint));
  out.add("target", std::move(target));
  out.add("number", name.finish());
  estimates.value_to(out);
  out.add("unit", unit.finish());
  estimates.evidence_to(out);
  return out;
}

}  // namespace journeykit::scoring
