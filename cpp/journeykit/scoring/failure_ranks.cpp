#include <algorithm>
#include <cmath>
#include <numeric>

#include "journeykit/base/parallel.hpp"
#include "journeykit/scoring/detail_failures.hpp"
#include "journeykit/scoring/detail_percentiles.hpp"

namespace journeykit::scoring {
namespace {

constexpr std::size_t kMostRanked = 1000;  // beyond them nobody asks how sure a place is

using Replicates = std::vector<double>;

Replicates replicates_of(const events::GroupSums& sums, std::size_t feature, const events::Draws& draws) {
  Replicates out(draws.replicates, 0);
  sums.add_replicates(feature, draws, out);
  return out;
}

// Badness and observations of each component in the whole journey, in every replicate.
struct Journey {
  std::vector<Replicates> bad, seen;  // by component
  Replicates closed;
};

Journey journey_of(const BadnessSums& badness, const events::Draws& draws, unsigned threads,
                   const base::Cancellation& cancellation) {
  Journey out;
  out.bad.assign(badness.components, Replicates(draws.replicates, 0));
  out.seen = out.bad;
  const std::size_t touchpoints = badness.closed_cases() / 2 / std::max<std::size_t>(1, badness.components);
  base::parallel_for(badness.components, 1, threads, cancellation, [&](std::size_t c, std::size_t) {
    for (std::size_t t = 0; t < touchpoints; ++t) {
      badness.sums.add_replicates(badness.bad(t, c), draws, out.bad[c]);
      badness.sums.add_replicates(badness.seen(t, c), draws, out.seen[c]);
    }
  });
  out.closed = replicates_of(badness.sums, badness.closed_cases(), draws);
  return out;
}

// Completions lost, or repeats beyond those of the others, in every replicate.
Replicates losses(const Candidate& candidate, const events::Draws& draws) {
  Replicates out(draws.replicates, 0);
  for (std::size_t s = 0; s < candidate.loss.features(); s += kLossFeatures) {
    const Replicates met = replicates_of(candidate.loss, s + kMet, draws);
    const Replicates met_good = replicates_of(candidate.loss, s + kMetGood, draws);
    const Replicates others = replicates_of(candidate.loss, s + kOthers, draws);
    const Replicates others_good = replicates_of(candidate.loss, s + kOthersGood, draws);
    for (std::size_t r = 0; r < out.size(); ++r) {
      if (others[r] > 0) out[r] += met[r] * others_good[r] / others[r] - met_good[r];
    }
  }
  return out;
}

Replicates points_of(const Candidate& candidate, const Signs& signs, const PointWeights& weights,
                     const BadnessSums& badness, const Journey& journey, const events::Draws& draws) {
  const bool repeats = candidate.failure.kind == FailureKind::RepeatContact;
  Replicates out = losses(candidate, draws);
  const double sign = repeats ? -1 : 1;  // repeats are lost where the cases that met it have more of them
  const double weight = 100 * (repeats ? weights.friction : weights.completion);
  for (std::size_t r = 0; r < out.size(); ++r) {
    out[r] = journey.closed[r] > 0 ? weight * std::max(0.0, sign * out[r]) / journey.closed[r] : 0;
  }
  std::vector<Bad> of_journey(badness.components);
  for (const std::size_t component : candidate.components) {
    const Replicates bad = replicates_of(badness.sums, badness.bad(candidate.touchpoint, component), draws);
    const Replicates seen = replicates_of(badness.sums, badness.seen(candidate.touchpoint, component), draws);
    for (std::size_t r = 0; r < out.size(); ++r) {
      for (std::size_t c = 0; c < badness.components; ++c) of_journey[c] = {journey.bad[c][r], journey.seen[c][r]};
      out[r] += excess_points(signs, weights, component, {bad[r], seen[r]}, of_journey);
    }
  }
  return out;
}

}  // namespace

void add_ranks(Candidates& listed, const Signs& signs, const PointWeights& weights, const BadnessSums& badness,
               std::size_t customers, const RankOptions& options, double confidence,
               const base::Cancellation& cancellation) {
  const auto unranked = std::ranges::find_if(
      listed, [](const Candidate& candidate) { return candidate.failure.evidence != journey::Evidence::Observed; });
  const auto ranked = std::min(kMostRanked, static_cast<std::size_t>(unranked - listed.begin()));
  if (ranked == 0 || customers < 2) return;
  const auto groups = std::min(customers, options.groups);
  const events::Draws draws =
      events::draw_groups(groups, options.replicates, options.seed, options.threads, cancellation);
  const Journey journey = journey_of(badness, draws, options.threads, cancellation);
  std::vector<Replicates> points(ranked);
  base::parallel_for(ranked, 1, options.threads, cancellation, [&](std::size_t k, std::size_t) {
    points[k] = points_of(listed[k], signs, weights, badness, journey, draws);
  });
  std::vector<Replicates> ranks(ranked, Replicates(draws.replicates));
  std::vector<std::size_t> order(ranked);
  for (std::size_t r = 0; r < draws.replicates; ++r) {
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(order, std::greater(), [&](std::size_t k) { return points[k][r]; });
    for (std::size_t place = 0; place < ranked; ++place) ranks[order[place]][r] = static_cast<double>(place + 1);
  }
  const auto units = static_cast<double>(groups);
  for (std::size_t k = 0; k < ranked; ++k) {
    Failure& failure = listed[k].failure;
    const auto top =
        std::ranges::count_if(ranks[k], [&](double rank) { return rank <= static_cast<double>(options.top); });
    failure.p_in_top = static_cast<double>(top) / static_cast<double>(draws.replicates);
    const auto [low, high] = percentiles(points[k], units, confidence);
    failure.points_low = std::max(0.0, std::min(low, failure.points_lost));
    failure.points_high = std::max(high, failure.points_lost);
    const auto place = static_cast<std::int64_t>(k + 1);
    const auto [first, last] = percentiles(ranks[k], units, confidence);
    failure.rank_low = std::min(place, static_cast<std::int64_t>(std::floor(first)));
    failure.rank_high = std::max(place, static_cast<std::int64_t>(std::ceil(last)));
  }
}

}  // namespace journeykit::scoring
