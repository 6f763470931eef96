// Measures over an event log: one struct per measure, one row per group and number. Scores, contacts and waits are
// counted per event, in the group and window of their first event; measures of cases count a case once in every group
// that it touches, in the window of its start. Open cases are left out or censored, never failures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/metrics/contacts.hpp"
#include "journeykit/metrics/estimate.hpp"
#include "journeykit/metrics/groups.hpp"
#include "journeykit/metrics/waits.hpp"

namespace journeykit::metrics {

enum class ScoreNumber { Nps, TopShare, EasyShare, Mean, Distribution };
struct Score {         // answers of a metric column of the log
  std::string metric;  // name in the log
  ScoreNumber number = ScoreNumber::Mean;
  std::int64_t top = 2;        // TopShare: how many of the best points count
  bool once_per_case = false;  // the last answer of a case in the group, where a row repeats its case's answer
};

enum class RightEdge { KaplanMeier, MatureOnly };
// Where a contact rule names no touchpoints, those of the options are the contacts.
struct Fcr {  // share of first contacts without another contact within the window
  ContactRule contact;
  std::int64_t window_ns = 0;
  RightEdge edge = RightEdge::KaplanMeier;
  std::vector<std::string> left;  // touchpoints at which a customer leaves for good: Aalen–Johansen
};
struct RepeatContacts {  // share of contacts that follow another within the window
  ContactRule contact;
  std::int64_t window_ns = 0;
};
enum class ContactsPer { Case, Customer, Period };
struct ContactRate {  // contacts per case, per customer, or per customer and period
  ContactRule contact;
  ContactsPer per = ContactsPer::Case;
  std::int64_t period_ns = 0;
};

enum class ServiceDenominator { Offered, Answered, OfferedLessShortAbandons, AbandonedInTimeCount };
struct ServiceLevel {  // share of waits answered within the threshold
  WaitRule wait;
  std::int64_t within_ns = 0;
  ServiceDenominator denominator = ServiceDenominator::Offered;
  std::int64_t short_abandon_ns = 0;
};
struct Abandonment {  // share of waits that ended without an answer
  WaitRule wait;
};
struct TimeNumber {
  bool mean = false;
  double quantile = 0.5;  // when not the mean
};
struct ResponseTime {
  WaitRule wait;
  TimeNumber number;
};
struct ResolutionTime {  // from the start of a case to its completion
  TimeNumber number;
};

enum class CaseOutcome { Completion, DropOff, SilentExit };
struct CaseShare {  // shares of closed cases
  CaseOutcome outcome = CaseOutcome::Completion;
};
struct Transfers {     // changes of a column inside closed cases
  std::string column;  // role or column
  bool share = false;  // share of cases with a change instead of changes per case
};

using Measure = std::variant<Score, Fcr, RepeatContacts, ContactRate, ServiceLevel, Abandonment, ResponseTime,
                             ResolutionTime, CaseShare, Transfers>;

struct MeasureOptions {
  By by;
  std::vector<std::string> touchpoints;  // contacts and answers there, waits that begin there, cases that reached them
  double confidence = kConfidence;
  std::int64_t minimum_n = 30;  // below: a warning, and evidence "partly_observed"
};

struct Measured {
  std::uint32_t group = 0;
  std::string metric;
  Estimate estimate;
};
struct Measurement {
  Groups groups;
  std::string unit;            // "points", "share", "seconds", or what a ratio is per
  std::vector<Measured> rows;  // group by group
};

Measurement measure(const events::EventLog& log, const Measure& what, const std::string& name,
                    const MeasureOptions& options, const base::Cancellation& cancellation);

// Key columns, then metric, value, unit, low, high, n, customers, method, evidence, warning. Evidence: "observed",
// "partly_observed" below minimum_n, missing without data. A key of the same name as a result column becomes
// "by_<name>".
base::Table measurement_table(const Measurement& measurement, const MeasureOptions& options);

}  // namespace journeykit::metrics
