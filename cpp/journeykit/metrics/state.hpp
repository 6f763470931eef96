// What the numbers of a log of any size are known by: sums over whole cases that merge exactly, for the whole log and
// at each touchpoint. Each case is its own customer, so answers are kept as counts and as products of counts per case:
// from these follow every score and its cluster-robust interval.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"
#include "journeykit/events/status.hpp"
#include "journeykit/metrics/exact_sum.hpp"
#include "journeykit/metrics/measure.hpp"

namespace journeykit::metrics {

struct Scale {
  std::string metric;
  events::MetricKind kind = events::MetricKind::Number;
  double low = 0, high = 0;
  bool high_is_good = true;
  bool operator==(const Scale&) const = default;
  std::size_t points() const;  // 0 for a plain number
};

struct ScoreOptions {
  std::optional<events::StatusRule> status;  // unset: how cases end is not counted
  std::vector<Scale> scales;                 // plain numbers, or 2 to 101 points
  bool operator==(const ScoreOptions&) const = default;
};

struct AnswerTally {
  std::int64_t answers = 0, cases = 0, squared = 0, most = 0;  // squared, most: of the answers of one case
  // On a scale, by point: answers, and last answers of the cases; by pair of points (p <= q, row by row): products of
  // the numbers of answers in one case.
  std::vector<std::int64_t> counts, last, products;
  // Plain numbers: Σ x, Σ x², Σ v m and Σ v² over cases with sum v of m numbers.
  ExactSum x, xx, vm, vv;
};

struct GroupTally {
  std::string touchpoint;  // "" for the whole log
  std::int64_t cases = 0;
  std::array<std::int64_t, 4> status{};  // of the cases, by CaseStatus
  std::int64_t dropped = 0;              // closed cases not completed whose last event stands here
  std::vector<AnswerTally> answers;      // by scale
};

struct LogAnswers {  // of one scale, in the whole log
  std::int64_t several = 0, equal = 0, off_scale = 0;
};

struct ScoreState {
  ScoreOptions options;
  GroupTally all;
  std::vector<GroupTally> touchpoints;  // by name
  std::vector<LogAnswers> quality;      // by scale
};

// Of no case; the neutral part of merge(). Throws Unsupported for a scale of more than 101 points.
ScoreState empty_score_state(const ScoreOptions& options);
// Throws InvalidInput for a log with a customer column or with another scale than asked for, NotFound for a metric.
ScoreState score_state(const events::EventLog& log, const ScoreOptions& options,
                       const base::Cancellation& cancellation);
// Throws InvalidInput when the options differ.
ScoreState merged(ScoreState a, const ScoreState& b);

std::string to_bytes(const ScoreState& state);
ScoreState score_state_from_bytes(std::string_view bytes);

// As of the log in memory. Throws Unsupported for measures other than Score and CaseShare, and InvalidInput for shares
// of cases without a status rule.
base::Table measure(const ScoreState& state, const Measure& what, const std::string& name, bool by_touchpoint,
                    double confidence, std::int64_t minimum_n);

}  // namespace journeykit::metrics
