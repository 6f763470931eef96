// How failures are found: candidates of each kind with what their cost is made of, by group of customers, so that
// customers can be drawn again.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/events/clusters.hpp"
#include "journeykit/scoring/contrast.hpp"
#include "journeykit/scoring/failures.hpp"
#include "journeykit/scoring/signs.hpp"

namespace journeykit::scoring {

struct FailureInput {
  const events::EventLog& log;
  const Signs& signs;
  const events::Customers& customers;
  const ScoreOptions& options;
  const events::CustomerGroups& groups;
  unsigned threads;
  const base::Cancellation& cancellation;
  std::vector<std::uint32_t> group_of_case;
  std::vector<std::uint8_t> completed;  // per case
};

// Which closed cases stood at a step, and which of them met the failure.
struct Exposure {
  std::uint32_t touchpoint = 0;
  std::vector<std::uint32_t> cases;
  std::vector<std::uint8_t> met;
};

// Cases that met the failure and those at the same step that did not, and the good ones of each: four features to a
// stratum (detours have one for each step they come from, all others one). What was lost is the sum over strata of
// met · (share of good ones among the others) − good ones that met it.
enum LossFeature : std::size_t { kMet, kMetGood, kOthers, kOthersGood, kLossFeatures };

// Counts of one stratum by group of customers.
class LossTally {
 public:
  explicit LossTally(std::size_t groups) : counts_(groups) {}
  void add(std::uint32_t group, bool met, double weight, bool good) {
    std::array<double, kLossFeatures>& counts = counts_[group];
    counts[met ? kMet : kOthers] += weight;
    counts[met ? kMetGood : kOthersGood] += good ? weight : 0;
  }
  // The others of a group at once: how many, and how many good ones.
  void add_others(std::uint32_t group, double others, double good) {
    counts_[group][kOthers] += others;
    counts_[group][kOthersGood] += good;
  }
  void append_to(events::GroupSums& sums);  // the four features; starts again

 private:
  std::vector<std::array<double, kLossFeatures>> counts_;
};

struct Candidate {
  Failure failure;
  std::uint32_t touchpoint = 0;
  std::vector<std::size_t> components;  // whose badness here beyond the norm it counts
  events::GroupSums loss;
};
using Candidates = std::vector<Candidate>;

// The failure of this kind at the touchpoint: who met it, without what it costs.
Failure describe(const FailureInput& in, FailureKind kind, const Exposure& exposure, std::int64_t met,
                 std::int64_t customers);

// Candidates of the kinds that compare the visits of one step, in order of kind and touchpoint.
Candidates visit_failures(const FailureInput& in);

// The moves of closed cases from one touchpoint to another.
Moves read_moves(const FailureInput& in);

// Cases that came to a touchpoint from a step, against cases that went elsewhere from the same step.
Candidates detours(const FailureInput& in, const Moves& moves);

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
                        unsigned threads, const base::Cancellation& cancellation);

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

// What each candidate costs, and whether it is proven.
void price(Candidates& candidates, const FailureInput& in, const PointWeights& weights, const BadnessSums& badness);

// Fills points_low … p_in_top of the ranked ones among `listed`, which stand in their order.
void add_ranks(Candidates& listed, const Signs& signs, const PointWeights& weights, const BadnessSums& badness,
               std::size_t customers, const RankOptions& options, double confidence,
               const base::Cancellation& cancellation);

}  // namespace journeykit::scoring
