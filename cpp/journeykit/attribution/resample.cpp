#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "journeykit/attribution/detail_resample.hpp"
#include "journeykit/attribution/poisson.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/events/clusters.hpp"

namespace journeykit::attribution {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kReplicateTolerance = 1e-6;  // far below what chance does to a replicate

double sum(std::span<const double> terms) { return std::accumulate(terms.begin(), terms.end(), 0.0); }

struct Weights {
  std::vector<double> conversions, nulls, values;
};

// What each replicate weighs the distinct ways with.
class Drawing {
 public:
  Drawing(const Paths& paths, const Customers& customers, const AttributionOptions& options, std::size_t replicates,
          const base::Cancellation& cancellation)
      : seed_(options.seed) {
    std::vector<std::uint32_t> way_of_path;
    ways_ = distinct(paths, cancellation, &way_of_path);
    observed_ = sum(ways_.conversions) + sum(ways_.nulls);
    if (customers.groups == 0) return;
    draws_ = events::draw_groups(customers.groups, replicates, options.seed, options.threads, cancellation);
    for (std::size_t p = 0; p < paths.size(); ++p) {
      if (way_of_path[p] == kNoWay) continue;
      entries_.push_back({way_of_path[p], customers.group_of_path[p], paths.conversions[p], paths.nulls[p],
                          paths.values.empty() ? 0 : paths.values[p]});
    }
    // in order of size where way and group are the same: sums do not depend on the order of rows
    std::ranges::sort(entries_, {},
                      [](const Entry& e) { return std::tuple(e.way, e.group, e.conversions, e.nulls, e.value); });
  }

  const Paths& ways() const { return ways_; }

  // Fills the weights of replicate r; by what its numbers are multiplied to be those of the customers observed.
  double draw(std::size_t r, Weights& out) const { return entries_.empty() ? by_path(r, out) : by_group(r, out); }

 private:
  struct Entry {  // what a group adds to a way
    std::uint32_t way, group;
    double conversions, nulls, value;
  };

  double by_path(std::size_t r, Weights& out) const {
    PoissonStream stream(base::mix(base::mix(seed_) + r));
    double customers = 0;
    for (std::size_t p = 0; p < ways_.size(); ++p) {
      const double converted = out.conversions[p] = poisson_.draw(stream, ways_.conversions[p]);
      customers += converted + (out.nulls[p] = poisson_.draw(stream, ways_.nulls[p]));
      if (!out.values.empty()) out.values[p] = converted > 0 ? converted * (ways_.values[p] / ways_.conversions[p]) : 0;
    }
    return customers > 0 ? observed_ / customers : 1;
  }

  double by_group(std::size_t r, Weights& out) const {
    std::vector<double> times(draws_.groups);
    for (std::size_t g = 0; g < times.size(); ++g) times[g] = static_cast<double>(draws_.of_group(g)[r]);
    for (std::vector<double>* weights : {&out.conversions, &out.nulls, &out.values}) std::ranges::fill(*weights, 0.0);
    for (const Entry& e : entries_) {
      out.conversions[e.way] += times[e.group] * e.conversions;
      out.nulls[e.way] += times[e.group] * e.nulls;
      if (!out.values.empty()) out.values[e.way] += times[e.group] * e.value;
    }
    return 1;
  }

  std::uint64_t seed_;
  Paths ways_;
  double observed_ = 0;
  PoissonTables poisson_;
  events::Draws draws_;
  std::vector<Entry> entries_;  // by way, then group
};

}  // namespace

Estimate estimate(double value, const std::vector<double>& draws, std::size_t channels, std::size_t c,
                  double confidence) {
  if (draws.empty() || std::isnan(value)) return {value, kUnknown, kUnknown};
  std::vector<double> sorted;
  for (std::size_t k = c; k < draws.size(); k += channels) {
    if (!std::isnan(draws[k])) sorted.push_back(draws[k]);
  }
  if (static_cast<double>(sorted.size()) < 0.9 * static_cast<double>(draws.size() / channels)) {
    return {value, kUnknown, kUnknown};
  }
  std::ranges::sort(sorted);
  const auto quantile = [&](double share) {  // type 7
    const double at = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const double next = sorted[std::min(below + 1, sorted.size() - 1)];
    return sorted[below] + (at - std::floor(at)) * (next - sorted[below]);
  };
  return {value, quantile((1 - confidence) / 2), quantile((1 + confidence) / 2)};
}

Replicates resample(const Paths& given, const Customers& customers, const AttributionOptions& options,
                    std::size_t replicates, const base::Cancellation& cancellation) {
  const Drawing drawing(given, customers, options, replicates, cancellation);
  const Paths& paths = drawing.ways();
  const std::size_t n = paths.channels.size();
  const bool valued = !paths.values.empty();
  const bool removal = options.model == ModelKind::Markov;
  const Model model = make_model(paths, options, kReplicateTolerance, 1, cancellation);
  Replicates out;
  out.channels = n;
  if (removal) out.removal_effect.resize(replicates * n, kUnknown);
  out.conversions.resize(replicates * n, kUnknown);
  out.share.resize(replicates * n, kUnknown);
  if (valued) out.value.resize(replicates * n, kUnknown);
  std::vector<std::uint8_t> in_top(replicates * n);
  constexpr std::size_t at_once = 4;
  base::parallel_for(replicates, at_once, options.threads, cancellation, [&](std::size_t begin, std::size_t end) {
    Weights weights{std::vector<double>(paths.size()), std::vector<double>(paths.size()),
                    std::vector<double>(valued ? paths.size() : 0)};
    std::vector<double> sorted;
    for (std::size_t r = begin; r < end; ++r) {
      cancellation.check();
      const double scale = drawing.draw(r, weights);
      const double converted = sum(weights.conversions);
      if (converted == 0) continue;
      Attributed found = model({weights.conversions, weights.nulls, weights.values});
      sorted = found.conversions;
      const std::size_t top = std::min(options.top, n) - 1;
      std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(top), std::greater<>());
      for (std::size_t c = 0; c < n; ++c) {
        const std::size_t at = r * n + c;
        if (removal) out.removal_effect[at] = std::isnan(found.removal_effect[c]) ? 0 : found.removal_effect[c];
        out.conversions[at] = found.conversions[c] * scale;
        out.share[at] = found.conversions[c] / converted;
        if (valued) out.value[at] = found.value[c] * scale;
        in_top[at] = found.conversions[c] > 0 && found.conversions[c] >= sorted[top] ? 1 : 0;
      }
    }
  });
  out.in_top.resize(n);
  for (std::size_t r = 0; r < replicates; ++r) {
    if (!std::isnan(out.share[r * n])) ++out.known;
    for (std::size_t c = 0; c < n; ++c) out.in_top[c] += in_top[r * n + c];
  }
  return out;
}

}  // namespace journeykit::attribution
