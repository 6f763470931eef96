// Where the journey fails, found in the data and ranked by what it costs. Each candidate compares closed cases that met
// the failure with closed cases that stood at the same step and did not: lost completions = cases · (completed share of
// the others − completed share of these). Comparing at the same step matters: failures sit late in the funnel, where
// even the cases that meet them complete more often than the average. Candidates are tests of many hypotheses at once:
// `adjusted_p` is by Benjamini & Hochberg (1995). This is association, not effect.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/clusters.hpp"
#include "journeykit/scoring/score.hpp"

namespace journeykit::scoring {

enum class FailureKind : std::uint8_t {
  DropOff,        // the case was lost at this step; the others went on
  Detour,         // the step was taken instead of another after the same step before it: errors, wrong turns
  Repeat,         // the step was needed again, directly or later
  Slow,           // the wait after the step was longer than slow_ns
  LowScore,       // the customer's answer at the step was in the lower half of its scale
  HandOver,       // department, agent or channel changed inside the stage after the step
  RepeatContact,  // the customer came back with a new case within repeat_within_ns; completions are not compared
};
std::string_view to_string(FailureKind kind);

struct Failure {
  FailureKind kind = FailureKind::DropOff;
  std::string touchpoint;
  std::int64_t reached = 0;                                                  // closed cases that stood at the step
  std::int64_t cases = 0;                                                    // of these, those that met the failure
  std::int64_t customers = 0;                                                // behind `reached`
  double share = 0;                                                          // cases / reached
  double completed_share = std::numeric_limits<double>::quiet_NaN();         // of the cases that met it
  double others_completed_share = std::numeric_limits<double>::quiet_NaN();  // of those that did not
  double lost_completions = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN(), high = std::numeric_limits<double>::quiet_NaN();
  double p = std::numeric_limits<double>::quiet_NaN(), adjusted_p = std::numeric_limits<double>::quiet_NaN();
  double points_lost = 0;  // of the journey's score: completions at the weight of completion, plus the friction or
                           // experience lost here beyond the journey's norm
  double excess_repeats = std::numeric_limits<double>::quiet_NaN();  // RepeatContact only
  journey::Evidence evidence = journey::Evidence::PartlyObserved;    // observed: enough cases and adjusted_p ≤ 5 %
  // By drawing customers again, of ranked failures only: interval of points_lost, of the rank among the ranked ones,
  // and the share of replicates in which it is one of the `top` costliest.
  double points_low = std::numeric_limits<double>::quiet_NaN(), points_high = std::numeric_limits<double>::quiet_NaN();
  std::int64_t rank_low = base::kMissingInteger, rank_high = base::kMissingInteger;
  double p_in_top = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::string> example_cases;  // up to three that met it and did not complete, in order of id
};

struct RankOptions {
  std::int64_t top = 3;
  std::size_t replicates = 1000, groups = events::kMostGroups;
  std::uint64_t seed = 0;
  unsigned threads = 0;
};

// Ranked: observed before partly observed, then by points lost, then by touchpoint and kind. Only candidates that cost
// something are listed. `card` is what score() gave for this map and log. Replicates draw customers with all of their
// cases; which failures are ranked, the weights of the components and what counts as slow stay as they are.
std::vector<Failure> find_failures(const Scorecard& card, const journey::JourneyMap& map, const events::EventLog& log,
                                   const RankOptions& ranks, const base::Cancellation& cancellation);

}  // namespace journeykit::scoring
