// Survey answers that come as a table of their own: each is attached to the event it speaks of, the latest one at or
// before the answer, of the same key, not older than `within_ns`. Behaviour of cases with an answer and of all others
// is compared, because survey numbers describe those who answered.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "journeykit/metrics/estimate.hpp"
#include "journeykit/metrics/groups.hpp"

namespace journeykit::metrics {

struct SurveyAnswers {                      // equally long columns
  base::Category key;                       // text as in the log's key column
  std::vector<std::int64_t> times_ns;       // kMissingInteger: missing
  base::Category touchpoint;                // of each answer; no codes: not told
  std::vector<std::vector<double>> values;  // one column per metric, NaN: no answer
};

struct SurveyRule {
  std::string key;  // role or column of the log
  std::int64_t within_ns = 0;
  std::vector<std::string> touchpoints;  // only events there can be spoken of; empty: any
};

struct SurveyCounts {           // every answer is in one of the first six
  std::int64_t attached = 0;    // stands on an event, alone or as the latest there
  std::int64_t superseded = 0;  // a later answer speaks of the same event; its values stay where the later has none
  std::int64_t late = 0;        // the latest event of the key is older than within_ns
  std::int64_t early = 0;       // every event of the key comes later
  std::int64_t unmatched = 0;   // the key is not in the log, or not at the touchpoint
  std::int64_t incomplete = 0;  // without key, time or any value
  std::int64_t ambiguous = 0;   // of those attached: another event of the key at the same moment
};

struct SurveyMatch {
  SurveyCounts counts;
  std::vector<std::vector<double>> values;  // per metric, one per event of the log
  std::vector<std::uint8_t> answered;       // per event
  std::vector<std::uint8_t> eligible;       // per event: could have been spoken of
};
SurveyMatch match_answers(const events::EventLog& log, const SurveyAnswers& answers, const SurveyRule& rule,
                          const base::Cancellation& cancellation = {});

struct Response {
  std::string unit;  // "customers", "cases", "events"
  Estimate share;    // of those with an event that could be spoken of
};
std::vector<Response> response_rates(const events::EventLog& log, const SurveyMatch& match);

struct Comparison {  // answered minus others
  std::string behaviour;
  Estimate answered, others;
  double difference = kNoNumber;
  Interval interval;
  double p = kNoNumber;           // two-sided
  double p_adjusted = kNoNumber;  // Benjamini–Hochberg over all rows
};
// Cases with an answer against all other cases that could be spoken of: events, duration, repeats, completion, silent
// exit and use of each channel. Means: Welch by customers; shares: Newcombe and pooled z on the effective numbers.
std::vector<Comparison> compare_answered(const events::EventLog& log, const SurveyMatch& match,
                                         double confidence = kConfidence, const base::Cancellation& cancellation = {});

struct Surveyed {
  events::EventLog log;  // with one column and metric per column of answers
  SurveyCounts counts;
  std::vector<Response> responses;
  std::vector<Comparison> comparisons;
};
// `metrics` name the columns of answers.values in order; throws InvalidInput when the log has such a column already.
Surveyed attach_survey(const events::EventLog& log, const SurveyAnswers& answers, const SurveyRule& rule,
                       const std::vector<events::Metric>& metrics, const base::Cancellation& cancellation = {});

base::Table response_table(const std::vector<Response>& responses);
base::Table comparison_table(const std::vector<Comparison>& comparisons);

}  // namespace journeykit::metrics
