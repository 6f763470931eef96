// What a failure point's cost is made of, by group of customers, so that customers can be drawn again.
#pragma once

#include <cstdint>
#include <vector>

#include "journeykit/events/clusters.hpp"
#include "journeykit/scoring/failures.hpp"
#include "journeykit/scoring/signs.hpp"

namespace journeykit::scoring {

// Cases that met the failure and those at the same step that did not, and the good ones of each: four features to a
// stratum (detours have one for each step they come from, all others one). What was lost is the sum over strata of
// met · (share of good ones among the others) − good ones that met it.
enum LossFeature : std::size_t { kMet, kMetGood, kOthers, kOthersGood, kLossFeatures };

struct Candidate {
  Failure failure;
  std::uint32_t touchpoint = 0;
  std::vector<std::size_t> components;  // whose badness here beyond the norm it counts
  events::GroupSums loss;
};

// Badness by touchpoint and component, by group of customers; the last feature is the closed cases.
struct BadnessSums {
  std::size_t components = 0;
  events::GroupSums sums;
  std::vector<double> totals;  // of each feature

  std::size_t bad(std::size_t touchpoint, std::size_t component) const {
    return 2 * (touchpoint * components + component);
  }
  std::size_t seen(std::size_t touchpoint, std::size_t component) const { return bad(touchpoint, component) + 1; }
  std::size_t closed_cases() const { return sums.features() - 1; }
};
BadnessSums sum_badness(const events::EventLog& log, const Signs& signs, const events::CustomerGroups& groups,
                        const base::Cancellation& cancellation);

// How the journey's points hang together: weights of the components (0: left out).
struct PointWeights {
  std::vector<double> component;
  double completion = 0, friction = 0;
};
PointWeights point_weights(const Signs& signs, const Scorecard& card);

// Points that a component loses at a touchpoint beyond the norm: the journey's share of a sign of friction, or of its
// whole experience (a question asked only where things go wrong must not be its own norm). journey[c] are the badness
// and observations of component c in the whole journey.
struct Bad {
  double bad = 0, n = 0;
};
double excess_points(const Signs& signs, const PointWeights& weights, std::size_t component, Bad here,
                     std::span<const Bad> journey);

// Fills points_low … p_in_top of the ranked ones among `listed`, which stand in their order.
void add_ranks(std::vector<Candidate>& listed, const Signs& signs, const PointWeights& weights,
               const BadnessSums& badness, std::size_t customers, const RankOptions& options, double confidence,
               const base::Cancellation& cancellation);

}  // namespace journeykit::scoring
