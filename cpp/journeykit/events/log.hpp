// The event log: every row of the source as columns, in one total order (case, time, order column, input row).
// Roles say which column is the case, the touchpoint, the time…; the rest are attributes. A log is a value: the
// operations in operations.hpp return new ones and share the columns they did not change.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/base/table.hpp"

namespace journeykit::events {

enum class Role { Case, Touchpoint, Time, EndTime, Order, Customer, Channel, Department, Agent, Outcome, Text };
inline constexpr std::size_t kRoleCount = 11;
std::string_view to_string(Role role);

enum class MetricKind { Nps, Csat, Ces, Number };

struct Metric {        // a numeric column that measures experience or money
  std::string name;    // how callers ask for it
  std::string column;  // where it stands
  MetricKind kind = MetricKind::Number;
  double low = 0, high = 0;  // the scale; ignored for Number
  bool high_is_good = true;
};

// What ends a case. A case with a `completed` touchpoint (or outcome value, when the log has an outcome column) is
// completed; else one with a `failed` value failed; else it is open while its last event is younger than `idle_ns`
// before the end of the log, and abandoned (a silent exit) afterwards.
struct Endings {
  std::vector<std::string> completed;
  std::vector<std::string> failed;
  std::optional<std::int64_t> idle_ns;  // unset: the 95th percentile of the gaps between events inside cases
  bool idle_given = true;               // false: idle_ns was worked out from the gaps
};

enum class CaseStatus : std::uint8_t { Completed, Failed, Abandoned, Open };
std::string_view to_string(CaseStatus status);

struct LogOptions {
  std::array<std::optional<std::string>, kRoleCount> roles;  // column names; Case, Touchpoint, Time are required
  std::vector<Metric> metrics;
  Endings endings;
  bool drop_missing = false;  // rows without case, touchpoint or time: refuse (false) or leave out and count (true)
  std::optional<std::int64_t> observed_until_ns;  // end of observation; unset: the last time in the log

  std::optional<std::string>& role(Role r) { return roles[static_cast<std::size_t>(r)]; }
  const std::optional<std::string>& role(Role r) const { return roles[static_cast<std::size_t>(r)]; }
};

struct Quality {
  std::int64_t rows_read = 0;
  std::int64_t rows_dropped = 0;       // without case, touchpoint or time
  std::int64_t duplicate_events = 0;   // same case, touchpoint and time as the event before
  std::int64_t tied_events = 0;        // same case and time (and order value) as the event before
  std::int64_t out_of_order_rows = 0;  // input rows older than an earlier row of their case
  std::int64_t ends_before_start = 0;  // end time before the start time; the end time is set to missing
  std::vector<std::pair<std::string, std::int64_t>> missing;       // column, rows without a value
  std::vector<std::pair<std::string, std::int64_t>> out_of_scale;  // metric, values set to missing
};

class EventLog {
 public:
  // Orders the rows of `table`, checks every rule and fills what the options leave open (idle limit, end of
  // observation), so that a log derived from this one keeps them. Integer and boolean identifiers become text.
  // Throws NotFound (column), InvalidInput (type, missing values, a metric twice), Unsupported (2^32 - 1 rows and
  // more).
  static EventLog make(base::Table table, LogOptions options, const base::Cancellation& cancellation = {});

  // The same log, with what was counted when the rows of `source` were read: reading them again finds answers off the
  // scale, dropped rows and wrong end times no more. What was counted in the column `replaced` is left behind.
  EventLog with_counts_of(const EventLog& source, std::string_view replaced = {}) &&;

  std::size_t event_count() const { return table_.rows; }
  std::size_t case_count() const { return case_offsets_.size() - 1; }
  // Events of case c: [case_offsets()[c], case_offsets()[c + 1]). Cases stand in the byte order of their ids.
  std::span<const std::uint64_t> case_offsets() const { return case_offsets_; }
  const base::Table& table() const { return table_; }
  const LogOptions& options() const { return options_; }
  const Quality& quality() const { return quality_; }

  bool has(Role role) const { return options_.role(role).has_value(); }
  const base::Values& values(Role role) const;      // throws NotFound when the log has no such role
  const base::Category& category(Role role) const;  // Case, Touchpoint, Customer, Channel, …
  std::span<const std::uint32_t> touchpoints() const { return category(Role::Touchpoint).codes; }
  const std::vector<std::string>& touchpoint_names() const { return category(Role::Touchpoint).dictionary->values; }
  std::span<const std::int64_t> times() const;      // start times, ns
  std::span<const std::int64_t> end_times() const;  // ns, kMissingInteger where none; empty without the role
  const std::string& case_id(std::size_t c) const;
  const Metric& metric(std::string_view name) const;  // throws NotFound with the nearest name
  std::span<const double> metric_values(std::string_view name) const;
  // How long a case may stay silent before it counts as abandoned, and until when the log was observed, in ns.
  std::int64_t idle_limit_ns() const { return *options_.endings.idle_ns; }
  std::int64_t observed_until_ns() const { return *options_.observed_until_ns; }

 private:
  EventLog() = default;
  void put_in_order(const base::Cancellation& cancellation);
  void settle_columns(const base::Cancellation& cancellation);
  void look_at_times(const base::Cancellation& cancellation);

  base::Table table_;
  LogOptions options_;
  Quality quality_;
  std::vector<std::uint64_t> case_offsets_{0};
};

// Status of each case, shape (n_cases,). Without completed and failed endings no case is completed or failed.
std::vector<CaseStatus> case_status(const EventLog& log);
// Customer code of each case (its first known customer; its own id where none), shape (n_cases,), and their number.
// The customer is the unit of independence of every interval.
struct Customers {
  std::vector<std::uint32_t> of_case;
  std::size_t count = 0;
};
Customers customers(const EventLog& log);

// One row per case: case, customer, start, end, events, status.
base::Table case_table(const EventLog& log);
// Throws InvalidInput when a completed or failed ending occurs nowhere in the log, or stands in both lists.
void check_endings(const EventLog& log);

}  // namespace journeykit::events
