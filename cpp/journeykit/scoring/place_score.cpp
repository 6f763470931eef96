#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "journeykit/metrics/quantile.hpp"
#include "journeykit/scoring/detail_place_score.hpp"

namespace journeykit::scoring {
namespace {

// Weight of each component at one place: groups without data give theirs to the others in proportion.
std::vector<double> shared_weights(const Signs& signs, const Weights& weights,
                                   const std::vector<std::uint8_t>& usable) {
  const std::array<double, 3> of_group = {weights.experience, weights.friction, weights.completion};
  std::array<double, 3> members = {0, 0, 0};
  for (std::size_t k = 0; k < usable.size(); ++k)
    members[static_cast<std::size_t>(signs.components[k].group)] += usable[k];
  double total = 0;
  for (std::size_t g = 0; g < 3; ++g) total += members[g] > 0 ? of_group[g] : 0;
  std::vector<double> out(usable.size(), 0);
  for (std::size_t k = 0; k < usable.size(); ++k) {
    const auto g = static_cast<std::size_t>(signs.components[k].group);
    if (usable[k] != 0 && total > 0) out[k] = of_group[g] / total / members[g];
  }
  return out;
}

std::string left_out(const Signs& signs, const ScoreSums& sums, std::size_t place, std::int64_t minimum_n) {
  std::string warning;
  for (std::size_t k = 0; k < signs.components.size(); ++k) {
    const double n = sums.at(place, k).n;
    if (n <= 0 || n >= static_cast<double>(minimum_n)) continue;
    warning += (warning.empty() ? "" : "; ") + signs.components[k].name +
               " left out: " + std::to_string(static_cast<std::int64_t>(n)) + " of at least " +
               std::to_string(minimum_n);
  }
  return warning;
}

// Observed unless a whole group (experience, friction, completion) had too few observations to count.
journey::Evidence evidence_of(const Signs& signs, const Weights& weights, const PlaceScore& scored,
                              const ScoreSums& sums, std::size_t place) {
  const std::array<bool, 3> wanted = {weights.experience > 0, weights.friction > 0, weights.completion > 0};
  std::array<bool, 3> seen{}, used{};
  for (std::size_t k = 0; k < signs.components.size(); ++k) {
    const auto group = static_cast<std::size_t>(signs.components[k].group);
    seen[group] = seen[group] || (wanted[group] && sums.at(place, k).n > 0);
    used[group] = used[group] || scored.weights[k] > 0;
  }
  if (seen == std::array<bool, 3>{}) return journey::Evidence::Assumed;
  for (std::size_t group = 0; group < seen.size(); ++group) {
    if (seen[group] && !used[group]) return journey::Evidence::PartlyObserved;
  }
  return journey::Evidence::Observed;
}

// Badness of `part` over the observations of `whole`, of which it is a part. Answers between the worst and the best
// vary less than the worst and the best alone would: with enough customers to see it, that is taken.
metrics::Estimate badness_share(const Cell& part, double products, const Cell& whole, double confidence) {
  metrics::Moments moments;
  moments.n = moments.weight = whole.n;
  moments.customers = whole.customers;
  moments.value = moments.scale = part.bad;
  moments.squared_sizes = whole.n_squares;
  moments.largest_size = whole.largest;
  const double share = whole.n > 0 ? part.bad / whole.n : 0;
  moments.between = std::max(0.0, part.bad_squares - 2 * share * products + share * share * whole.n_squares);
  const double extreme = part.bad * (1 - share), seen = part.squares - part.bad * share;
  moments.independent = extreme;
  metrics::Estimate out = metrics::share_from(moments, confidence);
  constexpr double least = 0.05, rounding = 1e-9;
  if (moments.customers < metrics::kEnoughCustomers || !(seen < (1 - rounding) * extreme)) return out;
  moments.independent = std::max(seen, least * extreme);
  const double n = metrics::effective(moments, confidence).n_eff * extreme / moments.independent;
  metrics::set_wilson(out, n, confidence);
  return out;
}

}  // namespace

PlaceScore score_place(const Signs& signs, const ScoreOptions& options, const ScoreSums& sums, std::size_t place) {
  PlaceScore out;
  const std::size_t components = signs.components.size();
  std::vector<std::uint8_t> usable(components, 0);
  for (std::size_t k = 0; k < components; ++k)
    usable[k] = sums.at(place, k).n >= static_cast<double>(options.minimum_n) ? 1 : 0;
  out.weights = shared_weights(signs, options.weights, usable);
  out.rate.assign(components, 0);
  out.n.assign(components, 0);
  double value = 0;
  bool any = false;
  for (std::size_t k = 0; k < components; ++k) {
    if (out.weights[k] == 0) continue;
    const Cell& sum = sums.at(place, k);
    any = true;
    value += out.weights[k] * 100 * (1 - sum.bad / sum.n);
    const double per_customer = sum.n / sums.at(place, k).customers;
    out.n[k] = sum.n + 4 * per_customer;
    out.rate[k] = (sum.bad + 2 * per_customer) / out.n[k];
    out.clusters = std::max(out.clusters, sum.customers + 4);
  }
  if (any) out.value = value;
  if (any) {  // the pseudo-customers' own part of the variance: two with rate 0, two with rate 1
    for (const double rate : {0.0, 1.0}) {
      double influence = 0;
      for (std::size_t k = 0; k < components; ++k) {
        if (out.weights[k] != 0) {
          const double per_customer = sums.at(place, k).n / sums.at(place, k).customers;
          influence += out.weights[k] * 100 * per_customer * (rate - out.rate[k]) / out.n[k];
        }
      }
      out.variance += 2 * influence * influence;
    }
  }
  return out;
}

void fill(Score& out, const PlaceScore& scored, const Signs& signs, const ScoreOptions& options, const ScoreSums& sums,
          std::size_t place) {
  out.value = scored.value;
  out.evidence = evidence_of(signs, options.weights, scored, sums, place);
  out.warning = left_out(signs, sums, place, options.minimum_n);
  if (std::isnan(scored.value)) {
    if (out.warning.empty()) out.warning = "no data";
    return;
  }
  double centre = 100;
  for (std::size_t k = 0; k < signs.components.size(); ++k) {
    if (scored.weights[k] == 0) continue;
    const Cell& cell = sums.at(place, k);
    metrics::Estimate goodness = badness_share(cell, cell.products, cell, options.confidence);
    goodness.value = 100 * (1 - cell.bad / cell.n);
    goodness.low = 100 * (1 - std::exchange(goodness.high, 100 * (1 - goodness.low)));
    out.contributions.push_back({signs.components[k].group, signs.components[k].name, std::move(goodness),
                                 scored.weights[k], scored.weights[k] * 100 * (1 - cell.bad / cell.n)});
    centre -= scored.weights[k] * 100 * scored.rate[k];
  }
  const double g = scored.clusters;
  const double half =
      metrics::t_quantile(0.5 + options.confidence / 2, g - 1) * std::sqrt(scored.variance * g / (g - 1));
  out.low = std::max(0.0, std::min(centre - half, out.value));
  out.high = std::min(100.0, std::max(centre + half, out.value));
}

std::vector<PointsLost> points_lost(const events::EventLog& log, const Signs& signs, const ScoreOptions& options,
                                    const Places& places, const ScoreSums& sums, const PlaceScore& journey) {
  std::vector<PointsLost> out;
  for (std::size_t k = 0; k < signs.components.size(); ++k) {
    if (journey.weights[k] == 0) continue;
    const Cell& whole = sums.at(places.journey(), k);
    const auto add = [&](std::string touchpoint, const Cell& part) {
      if (!(part.bad > 0)) return;
      metrics::Estimate points = badness_share(part, part.with_journey, whole, options.confidence);
      for (double* number : {&points.value, &points.low, &points.high}) *number *= 100 * journey.weights[k];
      out.push_back({std::move(touchpoint), signs.components[k].group, signs.components[k].name, std::move(points)});
    };
    for (std::size_t t = 0; t < places.touchpoints; ++t) add(log.touchpoint_names()[t], sums.at(t, k));
    if (signs.components[k].group == Group::Completion) add("", sums.elsewhere);
  }
  std::ranges::stable_sort(out, std::greater(), [](const PointsLost& lost) { return lost.points.value; });
  return out;
}

}  // namespace journeykit::scoring
