// One score from 0 (worst) to 100 for a touchpoint, a stage and the journey, from three components: what customers said
// (experience), what their behaviour cost them (friction) and whether they arrived (completion). Each component is
// 100·(1 − share of badness); score = Σ weight·component, so the points lost by component and touchpoint add up to
// 100 − score. Weights are shared out again where a component has no data. Intervals treat the customer as the unit of
// independence: linearised variance over customers, with two best and two worst pseudo-customers added (after Agresti &
// Coull 1998), t with G − 1 degrees of freedom. Components and points lost are shares: Wilson on n_eff.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"
#include "journeykit/journey/map.hpp"
#include "journeykit/metrics/estimate.hpp"

namespace journeykit::scoring {

struct Weights {
  double experience = 0.5, friction = 0.25, completion = 0.25;  // shared out in proportion; 0 leaves a component out
};

struct ScoreOptions {
  Weights weights;
  std::int64_t minimum_n = 10;  // fewer answers, visits or cases: the component is left out and the score warns
  double confidence = 0.95;
  std::optional<std::int64_t>
      slow_ns;  // a wait for the next event longer than this is friction; unset: p90 of all waits
  std::optional<std::int64_t> repeat_within_ns;  // a new case of the customer within this is a repeat; unset: 7 days
};

enum class Group : std::uint8_t { Experience, Friction, Completion };
std::string_view to_string(Group group);

struct Contribution {
  Group group = Group::Completion;
  std::string name;         // the metric (nps, csat, …), the sign of friction (repeat, return, hand_over,
                            // channel_switch, wait) or "completion"
  metrics::Estimate value;  // 0 … 100
  double weight = 0;        // of the score; sums to 1
  double points = 0;        // weight · value; these sum to the score
};

struct Score {
  std::string id, name;                                     // touchpoint or stage id; "" for the journey
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN: no data
  double low = std::numeric_limits<double>::quiet_NaN(), high = std::numeric_limits<double>::quiet_NaN();
  std::int64_t n = 0;  // cases that were here
  std::int64_t customers = 0;
  journey::Evidence evidence = journey::Evidence::Assumed;
  std::string warning;
  std::vector<Contribution> contributions;
};

struct PointsLost {        // of the journey's score, by touchpoint and component; sums to 100 − score
  std::string touchpoint;  // "" for lost cases that ended where completed cases end too: the place is not known
  Group group = Group::Completion;
  std::string name;
  metrics::Estimate points;
};

struct Scorecard {
  Score journey;
  std::vector<Score> stages, touchpoints;  // in the order of the map
  std::vector<PointsLost> points_lost;     // largest first
  ScoreOptions options;                    // with what was worked out: slow_ns
  std::int64_t cases = 0, open_cases = 0;
};

// Throws NotFound when a touchpoint of the log is not in the map, InvalidInput for weights that are negative or all 0.
Scorecard score(const journey::JourneyMap& map, const events::EventLog& log, ScoreOptions options,
                const base::Cancellation& cancellation);

}  // namespace journeykit::scoring
