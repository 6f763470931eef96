#include "journeykit/scoring/map_intervals.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/ranks.hpp"
#include "journeykit/discovery/times.hpp"
#include "journeykit/metrics/interval.hpp"
#include "journeykit/metrics/quantile.hpp"
#include "journeykit/scoring/detail_map_features.hpp"
#include "journeykit/scoring/detail_percentiles.hpp"

namespace journeykit::scoring {
namespace {

using metrics::Estimate;

constexpr double kEnoughCustomers = 30;  // to see more of their sums than a variance floored at that of independence
constexpr std::size_t kNoFeature = static_cast<std::size_t>(-1);

enum class Form : std::uint8_t { Share, Rate, Mean, Quantile };

// A number of the map as numerator over denominator; for quantiles the share at or below it.
struct Number {
  std::uint32_t touchpoint = kNoTouchpoint, target = kNoTouchpoint;
  const char* name = "";
  Form form = Form::Share;
  std::size_t part = 0, whole = 0;    // features
  double known = metrics::kNoNumber;  // mean or quantile, in seconds
  double level = 0;                   // of the quantile
  bool of_events = false;             // a share of events, not of cases or customers
  std::span<std::int64_t> values{};   // that the quantile is of
  const char* unit() const { return form == Form::Share ? "share" : form == Form::Rate ? "per case" : "seconds"; }
};

struct Seen {  // a log as the numbers need it
  discovery::TimedGraph timed;
  std::vector<std::int64_t> closed_durations;
  std::optional<journey::TimeSummary> case_times;
  bool has_endings = false;
};

void add_times(std::vector<Number>& out, Number like, const std::optional<journey::TimeSummary>& times,
               std::size_t first, std::size_t count, std::span<std::int64_t> values,
               const std::array<const char*, 3>& names) {
  if (!times) return;
  like.part = first;
  like.whole = count;
  like.name = names[0];
  like.form = Form::Mean;
  like.known = times->mean_seconds;
  out.push_back(like);
  const std::array<double, 2> known = {times->median_seconds, times->p90_seconds};
  for (std::size_t q = 0; q < kQuantiles.size(); ++q) {
    like.name = names[q + 1];
    like.form = Form::Quantile;
    like.part = first + 1 + q;
    like.known = known[q];
    like.level = kQuantiles[q];
    like.values = values;
    out.push_back(like);
  }
}

std::vector<Number> numbers_of(Seen& seen, const MapFeatures& features) {
  const auto& graph = seen.timed.graph;
  std::vector<Number> out;
  out.push_back({.name = "events_per_case", .form = Form::Rate, .part = kEvents, .whole = kCases});
  out.push_back({.name = "repeating_share", .part = kRepeating, .whole = kCases});
  out.push_back({.name = "open_share", .part = kOpen, .whole = kCases});
  if (seen.has_endings) {
    out.push_back({.name = "completed_share", .part = kCompleted, .whole = kClosed});
    out.push_back({.name = "failed_share", .part = kFailed, .whole = kClosed});
  }
  out.push_back({.name = "abandoned_share", .part = kAbandoned, .whole = kClosed});
  add_times(out, {}, seen.case_times, kCaseTime, kClosed, seen.closed_durations,
            {"mean_seconds", "median_seconds", "p90_seconds"});

  std::vector<std::uint32_t> order(graph.touchpoints.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::greater(), [&](std::uint32_t t) { return graph.touchpoints[t].events; });
  for (const std::uint32_t t : order) {
    if (graph.touchpoints[t].events == 0) continue;
    const auto of = [&](TouchpointFeature f) { return features.of_touchpoint(t, f); };
    const auto add = [&](const char* name, Form form, std::size_t part, std::size_t whole) {
      out.push_back({.touchpoint = t, .name = name, .form = form, .part = part, .whole = whole});
    };
    add("events_per_case", Form::Rate, of(kVisits), kCases);
    add("cases_share", Form::Share, of(kVisitingCases), kCases);
    add("repeating_share", Form::Share, of(kRepeatingCases), of(kVisitingCases));
    add("customers_share", Form::Share, of(kVisitors), kCustomer);
    add("start_share", Form::Share, of(kStarts), kCases);
    add("end_share", Form::Share, of(kClosedEnds), kClosed);
    add("stop_probability", Form::Share, of(kEnds), of(kVisits));
    out.back().of_events = true;
    add_times(out, {.touchpoint = t}, graph.touchpoints[t].duration, of(kDuration), of(kDurations),
              seen.timed.durations.values.empty() ? std::span<std::int64_t>{} : seen.timed.durations.group(t),
              {"duration_mean_seconds", "duration_median_seconds", "duration_p90_seconds"});
  }
  for (std::size_t e = 0; e < graph.edges.size(); ++e) {
    const discovery::Edge& edge = graph.edges[e];
    const Number like{.touchpoint = edge.source, .target = edge.target};
    Number number = like;
    number.name = "probability";
    number.part = features.of_edge(e, kMoves);
    number.whole = features.of_touchpoint(edge.source, kVisits);
    number.of_events = true;
    out.push_back(number);
    number.of_events = false;
    number.name = "cases_share";
    number.part = features.of_edge(e, kMovingCases);
    number.whole = kCases;
    out.push_back(number);
    add_times(out, like, edge.times, features.of_edge(e, kWait), features.of_edge(e, kMoves),
              seen.timed.steps.group(seen.timed.step_group[e]), {"mean_seconds", "median_seconds", "p90_seconds"});
  }
  return out;
}

// Sums over customers that the linearised variance of every number is made of.
struct FeatureSums {
  double sum = 0, squares = 0, cubes = 0, largest = 0, customers = 0;
  double own_squares = 0;  // of single observations
};
struct CustomerSums {
  std::vector<FeatureSums> features;
  std::vector<double> products;  // of the number's two features

  void add(const CustomerSums& other) {
    for (std::size_t f = 0; f < features.size(); ++f) {
      FeatureSums& mine = features[f];
      const FeatureSums& its = other.features[f];
      mine.sum += its.sum;
      mine.squares += its.squares;
      mine.cubes += its.cubes;
      mine.largest = std::max(mine.largest, its.largest);
      mine.customers += its.customers;
      mine.own_squares += its.own_squares;
    }
    for (std::size_t k = 0; k < products.size(); ++k) products[k] += other.products[k];
  }
};

// Numbers by the feature that is their numerator.
struct NumbersOf {
  std::vector<std::uint32_t> offsets, numbers;
};
NumbersOf numbers_by_part(std::span<const Number> numbers, std::size_t features) {
  NumbersOf out;
  out.offsets.assign(features + 1, 0);
  for (const Number& number : numbers) ++out.offsets[number.part + 1];
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  out.numbers.resize(numbers.size());
  std::vector<std::uint32_t> next(out.offsets.begin(), out.offsets.end() - 1);
  for (std::uint32_t k = 0; k < numbers.size(); ++k) out.numbers[next[numbers[k].part]++] = k;
  return out;
}

void add_customer(CustomerSums& sums, std::span<double> values, std::vector<std::uint32_t>& touched,
                  std::span<const Number> numbers, const NumbersOf& of) {
  for (const std::uint32_t f : touched) {
    const double value = values[f];
    FeatureSums& sum = sums.features[f];
    sum.sum += value;
    sum.squares += value * value;
    sum.cubes += value * value * value;
    sum.largest = std::max(sum.largest, value);
    sum.customers += 1;
    for (std::uint32_t k = of.offsets[f]; k < of.offsets[f + 1]; ++k) {
      sums.products[of.numbers[k]] += value * values[numbers[of.numbers[k]].whole];
    }
  }
  for (const std::uint32_t f : touched) values[f] = 0;
  touched.clear();
}

// Blocks of whole customers, the same for any number of threads: sums are added up in their order.
std::vector<std::size_t> blocks_of(const events::CustomerGroups& customers, const events::EventLog& log,
                                   std::size_t features) {
  constexpr std::size_t least_events = 65'536, most_blocks = 64, most_cells = 4'000'000;
  const std::size_t wanted = std::clamp<std::size_t>(log.event_count() / least_events, 1,
                                                     std::clamp<std::size_t>(most_cells / features, 2, most_blocks));
  std::vector<std::size_t> out;
  for (std::size_t b = 0; b <= wanted; ++b) out.push_back(customers.count * b / wanted);
  return out;
}

CustomerSums sum_customers(const events::EventLog& log, const MapFeatures& features, std::span<const Number> numbers,
                           const IntervalOptions& options, const base::Cancellation& cancellation) {
  const auto customers = events::customer_groups(log, static_cast<std::size_t>(-1));
  const NumbersOf of = numbers_by_part(numbers, features.count());
  const std::vector<std::size_t> blocks = blocks_of(customers, log, features.count());
  std::vector<CustomerSums> parts(blocks.size() - 1);
  base::parallel_for(parts.size(), 1, options.threads, cancellation, [&](std::size_t b, std::size_t) {
    CustomerSums& sums = parts[b];
    sums.features.resize(features.count());
    sums.products.assign(numbers.size(), 0);
    MapFeatures::Marks marks(features);
    std::vector<double> values(features.count(), 0);
    std::vector<std::uint8_t> seen(features.count(), 0);
    std::vector<std::uint32_t> touched;
    const auto add = [&](std::size_t f, double value) {
      if (seen[f] == 0) {
        seen[f] = 1;
        touched.push_back(static_cast<std::uint32_t>(f));
      }
      values[f] += value;
    };
    const auto own = [&](std::size_t f, double square) { sums.features[f].own_squares += square; };
    for (std::size_t customer = blocks[b]; customer < blocks[b + 1]; ++customer) {
      constexpr std::size_t between_checks = 1024;
      if (customer % between_checks == 0) cancellation.check();
      features.read(customers.cases_of(customer), static_cast<std::uint32_t>(customer), marks, add, own);
      for (const std::uint32_t f : touched) seen[f] = 0;
      add_customer(sums, values, touched, numbers, of);
    }
  });
  for (std::size_t b = 1; b < parts.size(); ++b) {
    parts.front().add(parts[b]);
    parts[b] = {};
  }
  return std::move(parts.front());
}

metrics::Moments moments_of(const Number& number, double product, const CustomerSums& sums) {
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
  const metrics::Interval wilson = metrics::wilson(out.value * n, n, confidence);
  out.low = std::min(wilson.low, out.value);
  out.high = std::max(wilson.high, out.value);
  return out;
}

// Times are skew, which makes t intervals miss above. Hall (1992): T + κT²/3 + κ²T³/27 + κ/6 is nearly normal, with κ
// the skewness of customers over √G; the interval is where it lies between the quantiles of t.
Estimate mean_of_times(const Number& number, const metrics::Moments& moments, double cubes, double confidence) {
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

Estimate analytic(const Number& number, double product, const CustomerSums& sums, double confidence) {
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

Estimate resampled(const Number& number, std::span<const double> part, std::span<const double> whole,
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
void for_each_element(std::span<const Number> numbers, const IntervalOptions& options,
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
                                std::span<const Number> numbers, const CustomerSums& sums,
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
  Seen seen;
  seen.timed = discovery::timed_graph(log, {options.threads}, cancellation);
  std::vector<events::CaseStatus> status = events::case_status(log);
  std::vector<std::int64_t> durations = discovery::case_durations_ns(log);
  for (std::size_t c = 0; c < status.size(); ++c) {
    if (status[c] != events::CaseStatus::Open) seen.closed_durations.push_back(durations[c]);
  }
  seen.case_times = discovery::summarize(seen.closed_durations);
  seen.has_endings = !log.options().endings.completed.empty() || !log.options().endings.failed.empty();
  const MapFeatures features(log, seen.timed, seen.case_times, std::move(durations), std::move(status));
  const std::vector<Number> numbers = numbers_of(seen, features);
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
    const Number& number = numbers[k];
    out.push_back({number.touchpoint, number.target, number.name, number.unit(), std::move(estimates[k])});
  }
  return out;
}

base::Table map_numbers_table(const events::EventLog& log, const std::vector<MapNumber>& numbers) {
  const auto touchpoints = log.category(events::Role::Touchpoint).dictionary;
  base::Category touchpoint{{}, touchpoints}, target{{}, touchpoints};
  std::vector<std::string> element, name, unit, method, warning;
  base::Reals value, low, high;
  base::Integers n, customers;
  for (const MapNumber& number : numbers) {
    element.emplace_back(number.target != kNoTouchpoint       ? "transition"
                         : number.touchpoint != kNoTouchpoint ? "touchpoint"
                                                              : "journey");
    touchpoint.codes.push_back(number.touchpoint);
    target.codes.push_back(number.target);
    name.emplace_back(number.number);
    unit.emplace_back(number.unit);
    value.values.push_back(number.estimate.value);
    low.values.push_back(number.estimate.low);
    high.values.push_back(number.estimate.high);
    n.values.push_back(number.estimate.n);
    customers.values.push_back(number.estimate.customers);
    method.push_back(number.estimate.method);
    warning.push_back(number.estimate.warning);
  }
  base::Table out;
  out.add("element", base::categorize(element));
  out.add("touchpoint", std::move(touchpoint));
  out.add("target", std::move(target));
  out.add("number", base::categorize(name));
  out.add("value", std::move(value));
  out.add("unit", base::categorize(unit));
  out.add("low", std::move(low));
  out.add("high", std::move(high));
  out.add("n", std::move(n));
  out.add("customers", std::move(customers));
  out.add("method", base::categorize(method));
  out.add("warning", base::categorize(warning));
  return out;
}

}  // namespace journeykit::scoring
