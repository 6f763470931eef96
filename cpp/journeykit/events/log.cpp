#include "journeykit/events/log.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <limits>
#include <mutex>

#include "journeykit/base/checked.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/ranks.hpp"
#include "journeykit/events/detail_log_columns.hpp"
#include "journeykit/events/order.hpp"

namespace journeykit::events {
namespace {

using base::Category;
using base::InvalidInput;
using base::kMissingCode;
using base::kMissingInteger;
using base::quote_safe;
using base::Times;
using base::Values;

constexpr std::size_t kCasesAtOnce = 4096;
constexpr std::array<std::string_view, kRoleCount> kRoleNames = {
    "case", "touchpoint", "time", "end_time", "order", "customer", "channel", "department", "agent", "outcome", "text"};
constexpr std::array<Role, 7> kTextRoles = {Role::Case,       Role::Touchpoint, Role::Customer, Role::Channel,
                                            Role::Department, Role::Agent,      Role::Outcome};

// Rows that have case, touchpoint and time, nothing when all have; throws on the first that lacks one unless they may
// be dropped.
std::optional<std::vector<std::uint32_t>> complete_rows(const Category& cases, const Category& touchpoints,
                                                        std::span<const std::int64_t> times, const LogOptions& options,
                                                        const base::Cancellation& cancellation) {
  const auto lacks = [&](std::size_t row) {
    return cases.codes[row] == kMissingCode || touchpoints.codes[row] == kMissingCode || times[row] == kMissingInteger;
  };
  std::atomic<bool> all = true;
  base::parallel_for(times.size(), kRowsAtOnce, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    bool missing = false;
    for (std::size_t row = begin; row < end; ++row) missing = missing || lacks(row);
    if (missing) all.store(false, std::memory_order_relaxed);
  });
  if (all) return std::nullopt;
  std::vector<std::uint32_t> rows;
  rows.reserve(times.size());
  for (std::uint32_t row = 0; row < times.size(); ++row) {
    if (!lacks(row)) {
      rows.push_back(row);
    } else if (!options.drop_missing) {
      const Role role = cases.codes[row] == kMissingCode         ? Role::Case
                        : touchpoints.codes[row] == kMissingCode ? Role::Touchpoint
                                                                 : Role::Time;
      throw InvalidInput(role_label(role, *options.role(role)) + " has no value in row " + std::to_string(row) +
                         " (counted from 0); an event needs case, touchpoint and time: mend the row, or pass "
                         "on_missing='drop' to leave such rows out and count them");
    }
  }
  return rows;
}

// Adds what `body` counts in each block of cases.
std::int64_t sum_over_cases(const EventLog& log, const base::Cancellation& cancellation,
                            const std::function<std::int64_t(std::size_t begin, std::size_t end)>& body) {
  std::atomic<std::int64_t> out = 0;
  base::parallel_for(log.case_count(), kCasesAtOnce, 0, cancellation,
                     [&](std::size_t begin, std::size_t end) { out += body(begin, end); });
  return out;
}

// The 95th percentile (nearest rank) of the gaps between neighbouring events of the same case; 0 without a gap.
std::int64_t usual_silence(std::span<const std::int64_t> times, std::span<const std::uint64_t> offsets,
                           const base::Cancellation& cancellation) {
  const auto each_gap = [&](std::size_t begin, std::size_t end, const auto& use) {
    for (std::size_t c = begin; c < end; ++c) {
      for (std::size_t k = offsets[c] + 1; k < offsets[c + 1]; ++k) use(times[k] - times[k - 1]);
    }
  };
  const std::size_t cases = offsets.size() - 1;
  const std::size_t gaps = times.size() - std::min(times.size(), cases);
  if (gaps == 0) return 0;
  const std::size_t wanted = (gaps * 95 + 99) / 100 - 1;
  const auto at_rank = [](std::vector<std::int64_t>& values, std::size_t rank) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values.begin(), at, values.end());
    return *at;
  };
  if (gaps < base::kRankBuckets) {  // filling the buckets would cost more than the gaps
    std::vector<std::int64_t> all;
    all.reserve(gaps);
    each_gap(0, cases, [&](std::int64_t gap) { all.push_back(gap); });
    return at_rank(all, wanted);
  }
  std::vector<std::uint64_t> counts(base::kRankBuckets, 0);
  std::mutex adding;
  base::parallel_for(cases, 8 * kCasesAtOnce, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    std::vector<std::uint64_t> own(base::kRankBuckets, 0);
    each_gap(begin, end, [&](std::int64_t gap) { ++own[base::rank_bucket(static_cast<std::uint64_t>(gap))]; });
    const std::scoped_lock lock(adding);
    for (std::size_t b = 0; b < own.size(); ++b) counts[b] += own[b];
  });
  const base::BucketRank place = base::find_rank(counts, wanted);
  std::vector<std::int64_t> near;
  base::parallel_for(cases, 8 * kCasesAtOnce, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    std::vector<std::int64_t> own;
    each_gap(begin, end, [&](std::int64_t gap) {
      if (base::rank_bucket(static_cast<std::uint64_t>(gap)) == place.bucket) own.push_back(gap);
    });
    const std::scoped_lock lock(adding);
    near.insert(near.end(), own.begin(), own.end());
  });
  return at_rank(near, place.within);
}

// First and last event; throws when they lie too far apart for a difference in ns.
std::pair<std::int64_t, std::int64_t> span_of(std::span<const std::int64_t> times,
                                              std::span<const std::uint64_t> offsets, const std::string& column) {
  if (times.empty()) return {0, 0};
  std::int64_t first = times[0], last = times[0];
  for (std::size_t c = 0; c + 1 < offsets.size(); ++c) {  // times ascend inside cases
    first = std::min(first, times[offsets[c]]);
    last = std::max(last, times[offsets[c + 1] - 1]);
  }
  if (!base::checked_difference(last, first)) {
    throw InvalidInput(
        role_label(Role::Time, column) +
        " spans more than 292 years; expected one log of one era: look for broken dates such as 1677 or 2262");
  }
  return {first, last};
}

// The codes of the case column of a log in order.
void fill_cases(std::vector<std::uint32_t>& codes, std::span<const std::uint64_t> offsets,
                const base::Cancellation& cancellation) {
  base::parallel_for(offsets.size() - 1, kCasesAtOnce, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t c = begin; c < end; ++c) {
      std::fill(codes.begin() + static_cast<std::ptrdiff_t>(offsets[c]),
                codes.begin() + static_cast<std::ptrdiff_t>(offsets[c + 1]), static_cast<std::uint32_t>(c));
    }
  });
}

}  // namespace

std::string_view to_string(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::string_view to_string(CaseStatus status) {
  constexpr std::array<std::string_view, 4> names = {"completed", "failed", "abandoned", "open"};
  return names[static_cast<std::size_t>(status)];
}

EventLog EventLog::make(base::Table table, LogOptions options, const base::Cancellation& cancellation) {
  for (const Role role : {Role::Case, Role::Touchpoint, Role::Time}) {
    if (!options.role(role))
      throw InvalidInput("no " + std::string(to_string(role)) +
                         " column named; an event log needs case, touchpoint and time");
  }
  if (table.rows >= std::numeric_limits<std::uint32_t>::max()) {
    throw base::Unsupported("the log has " + std::to_string(table.rows) +
                            " rows; at most 4,294,967,294 fit one log: read it in parts of whole cases");
  }
  check_metrics(options.metrics);
  for (const Role role : kTextRoles) {
    if (const auto& column = options.role(role)) {
      const Values& values = *table.at(*column).values;
      if (!std::holds_alternative<Category>(values)) table.replace(*column, as_category(role, *column, values));
    }
  }
  EventLog log;
  log.quality_.rows_read = static_cast<std::int64_t>(table.rows);
  for (const Metric& metric : options.metrics) {
    std::int64_t bad = 0;
    table.replace(metric.column, metric_column(metric, *table.at(metric.column).values, bad));
    log.quality_.out_of_scale.emplace_back(metric.name, bad);
  }
  log.table_ = std::move(table);
  log.options_ = std::move(options);
  log.put_in_order(cancellation);
  log.settle_columns(cancellation);
  log.look_at_times(cancellation);
  return log;
}

EventLog EventLog::with_counts_of(const EventLog& source, std::string_view replaced) && {
  const Quality& before = source.quality_;
  quality_.rows_read = before.rows_read;
  quality_.rows_dropped = before.rows_dropped;
  quality_.out_of_order_rows = before.out_of_order_rows;
  const auto stands = [&](Role role) {
    return options_.role(role) == source.options_.role(role) && options_.role(role) != replaced;
  };
  if (stands(Role::Time) && stands(Role::EndTime)) quality_.ends_before_start += before.ends_before_start;
  for (std::size_t k = 0; k < options_.metrics.size(); ++k) {  // out_of_scale stands in the order of the metrics
    const auto& now = options_.metrics[k];
    for (std::size_t j = 0; j < source.options_.metrics.size(); ++j) {
      const auto& then = source.options_.metrics[j];
      if (then.name == now.name && then.column == now.column && now.column != replaced)
        quality_.out_of_scale[k].second += before.out_of_scale[j].second;
    }
  }
  return std::move(*this);
}

// Rows without case, touchpoint or time go; the others are put in the one total order.
void EventLog::put_in_order(const base::Cancellation& cancellation) {
  const std::string& column = *options_.role(Role::Case);
  const auto times_now = [&] {
    return time_values(Role::Time, *options_.role(Role::Time), *table_.at(*options_.role(Role::Time)).values);
  };
  times_now();  // refuses what holds no times
  if (auto rows =
          complete_rows(category(Role::Case), category(Role::Touchpoint), times_now(), options_, cancellation)) {
    quality_.rows_dropped = static_cast<std::int64_t>(table_.rows - rows->size());
    table_ = base::take(table_, *rows, cancellation);
  }
  // Case codes in byte order of the ids first: the order of cases then is the order of codes.
  if (auto clean = canonical(category(Role::Case), cancellation)) table_.replace(column, *std::move(clean));
  std::vector<std::int64_t> order;
  if (const auto& ordering = options_.role(Role::Order)) order = order_values(*ordering, *table_.at(*ordering).values);
  Ordered ordered = order_rows(category(Role::Case).codes, category(Role::Case).dictionary->values.size(), times_now(),
                               order, cancellation);
  quality_.out_of_order_rows = ordered.out_of_order;
  quality_.tied_events = ordered.ties;
  case_offsets_ = std::move(ordered.offsets);
  if (ordered.as_it_was) return;
  // Case codes and times are known in their new order: only the other columns move.
  const std::string& time = *options_.role(Role::Time);
  base::Table others;
  others.rows = table_.rows;
  std::ranges::copy_if(table_.columns, std::back_inserter(others.columns),
                       [&](const base::Column& c) { return c.name != column && c.name != time; });
  others = base::take(others, ordered.rows, cancellation);
  Category cases = category(Role::Case);
  auto moved = others.columns.begin();
  for (base::Column& c : table_.columns) {
    if (c.name == column) {
      fill_cases(cases.codes, case_offsets_, cancellation);
      c.values = std::make_shared<const Values>(std::move(cases));
    } else if (c.name == time) {
      c.values = std::make_shared<const Values>(Times{std::move(ordered.times)});
    } else {
      c.values = std::move(moved++->values);
    }
  }
}

// Counts what is missing, and gives each text column the one dictionary of its content.
void EventLog::settle_columns(const base::Cancellation& cancellation) {
  std::vector<std::int64_t> missing(table_.columns.size(), 0);
  base::parallel_for(table_.columns.size(), 1, table_.rows < kRowsAtOnce ? 1 : 0, cancellation,
                     [&](std::size_t k, std::size_t) {
                       if (table_.columns[k].name == *options_.role(Role::Case)) return;
                       missing[k] = count_missing(*table_.columns[k].values);
                     });
  for (std::size_t k = 0; k < table_.columns.size(); ++k) {
    base::Column& column = table_.columns[k];
    quality_.missing.emplace_back(column.name, missing[k]);
    const auto* category = std::get_if<Category>(column.values.get());
    if (category == nullptr || column.name == *options_.role(Role::Case)) continue;
    if (auto clean = canonical(*category, cancellation)) {
      column.values = std::make_shared<const Values>(*std::move(clean));
    }
  }
}

// What follows from the times: ends before starts, duplicates, idle limit and end of observation.
void EventLog::look_at_times(const base::Cancellation& cancellation) {
  const auto starts = times();
  const std::int64_t last = span_of(starts, case_offsets_, *options_.role(Role::Time)).second;
  if (has(Role::EndTime)) {
    const auto given = end_times();
    quality_.ends_before_start = sum_over_cases(*this, cancellation, [&](std::size_t begin, std::size_t end) {
      std::int64_t bad = 0;
      for (std::size_t k = case_offsets_[begin]; k < case_offsets_[end]; ++k) {
        bad += given[k] != kMissingInteger && given[k] < starts[k] ? 1 : 0;
      }
      return bad;
    });
    if (quality_.ends_before_start > 0) {
      Times ends{{given.begin(), given.end()}};
      for (std::size_t k = 0; k < ends.values.size(); ++k) {
        if (ends.values[k] < starts[k]) ends.values[k] = kMissingInteger;
      }
      table_.replace(*options_.role(Role::EndTime), std::move(ends));
    }
  }
  const auto codes = touchpoints();
  quality_.duplicate_events = sum_over_cases(*this, cancellation, [&](std::size_t begin, std::size_t end) {
    std::int64_t same = 0;
    for (std::size_t c = begin; c < end; ++c) {
      for (std::size_t k = case_offsets_[c] + 1; k < case_offsets_[c + 1]; ++k) {
        same += starts[k] == starts[k - 1] && codes[k] == codes[k - 1] ? 1 : 0;
      }
    }
    return same;
  });
  if (!options_.endings.idle_ns) {
    options_.endings.idle_ns = usual_silence(starts, case_offsets_, cancellation);
    options_.endings.idle_given = false;
  }
  if (*options_.endings.idle_ns < 0)
    throw InvalidInput("idle is negative; expected how long a case may stay silent before it counts as abandoned");
  if (!options_.observed_until_ns) options_.observed_until_ns = last;
}

const base::Values& EventLog::values(Role role) const {
  const auto& column = options_.role(role);
  if (!column) {
    throw base::NotFound("the log has no " + std::string(to_string(role)) +
                         " column; name one when reading: read_events(…, " + std::string(to_string(role)) + "=…)");
  }
  return *table_.at(*column).values;
}

const base::Category& EventLog::category(Role role) const { return std::get<Category>(values(role)); }

std::span<const std::int64_t> EventLog::times() const { return std::get<Times>(values(Role::Time)).values; }

std::span<const std::int64_t> EventLog::end_times() const {
  if (!has(Role::EndTime)) return {};
  return time_values(Role::EndTime, *options_.role(Role::EndTime), values(Role::EndTime));
}

const std::string& EventLog::case_id(std::size_t c) const { return category(Role::Case).dictionary->values.at(c); }

const Metric& EventLog::metric(std::string_view name) const {
  const auto at = std::ranges::find(options_.metrics, name, &Metric::name);
  if (at != options_.metrics.end()) return *at;
  std::vector<std::string> names;
  for (const Metric& metric : options_.metrics) names.push_back(metric.name);
  throw base::NotFound(base::not_found_message("metric", name, "the log", names));
}

std::span<const double> EventLog::metric_values(std::string_view name) const {
  return std::get<base::Reals>(*table_.at(metric(name).column).values).values;
}

}  // namespace journeykit::events
