#include "journeykit/events/log.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "journeykit/base/checked.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::events {
namespace {

using base::Booleans;
using base::Category;
using base::Integers;
using base::InvalidInput;
using base::kMissingCode;
using base::kMissingInteger;
using base::quote_safe;
using base::Reals;
using base::Times;
using base::Values;

constexpr std::array<std::string_view, kRoleCount> kRoleNames = {
    "case", "touchpoint", "time", "end_time", "order", "customer", "channel", "department", "agent", "outcome", "text"};
constexpr std::array<Role, 7> kTextRoles = {Role::Case,       Role::Touchpoint, Role::Customer, Role::Channel,
                                            Role::Department, Role::Agent,      Role::Outcome};

std::string role_label(Role role, const std::string& column) {
  return std::string(to_string(role)) + " column " + quote_safe(column);
}

Values as_category(Role role, const std::string& column, const Values& values) {
  if (auto text = base::text_of(values)) return *std::move(text);
  throw InvalidInput(role_label(role, column) +
                     " holds decimal numbers or times; expected text or whole numbers: identifiers lose their form as "
                     "decimals (1 becomes 1.0), so read the column as text");
}

// Only the values that occur, in byte order: codes then depend on the content alone, not on its history.
Category canonical(const Category& category) {
  const auto& old_values = category.dictionary->values;
  std::vector<std::uint8_t> used(old_values.size(), 0);
  for (const std::uint32_t code : category.codes) {
    if (code != kMissingCode) used[code] = 1;
  }
  const bool ascending =
      std::ranges::adjacent_find(old_values, std::greater_equal<>{}) == old_values.end();  // no name twice
  if (ascending && std::ranges::all_of(used, [](auto u) { return u == 1; })) return category;
  std::vector<std::uint32_t> order;
  for (std::uint32_t code = 0; code < used.size(); ++code) {
    if (used[code] != 0) order.push_back(code);
  }
  std::ranges::sort(order, {}, [&](std::uint32_t code) -> const std::string& { return old_values[code]; });
  auto dictionary = std::make_shared<base::Dictionary>();
  std::vector<std::uint32_t> new_code(old_values.size(), kMissingCode);
  for (const std::uint32_t code : order) {
    if (dictionary->values.empty() || dictionary->values.back() != old_values[code])
      dictionary->values.push_back(old_values[code]);
    new_code[code] = static_cast<std::uint32_t>(dictionary->values.size() - 1);
  }
  Category out{category.codes, dictionary};
  for (std::uint32_t& code : out.codes) {
    if (code != kMissingCode) code = new_code[code];
  }
  return out;
}

std::span<const std::int64_t> time_values(Role role, const std::string& column, const Values& values) {
  if (const auto* times = std::get_if<Times>(&values)) return times->values;
  throw InvalidInput(role_label(role, column) +
                     " holds no times; expected timestamps (journeykit.read_events converts text and numbers)");
}

// The order column as whole numbers in the same order, exactly: sequence numbers and times have more digits than a
// double. Missing last.
std::vector<std::int64_t> order_values(const std::string& column, const Values& values) {
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> out(base::length(values));
  const auto fill = [&](const std::vector<std::int64_t>& from) {
    for (std::size_t k = 0; k < from.size(); ++k) out[k] = from[k] == kMissingInteger ? last : from[k];
  };
  // The bits of a double, read as a whole number, stand in its order; below zero they run backwards.
  const auto ordered_bits = [](double value) {
    const auto bits = std::bit_cast<std::int64_t>(value);
    return bits < 0 ? std::numeric_limits<std::int64_t>::min() - bits : bits;
  };
  if (const auto* integers = std::get_if<Integers>(&values)) {
    fill(integers->values);
  } else if (const auto* times = std::get_if<Times>(&values)) {
    fill(times->values);
  } else if (const auto* reals = std::get_if<Reals>(&values)) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      out[k] = std::isnan(reals->values[k]) ? last : ordered_bits(reals->values[k]);
    }
  } else {
    throw InvalidInput(role_label(Role::Order, column) +
                       " holds text; expected numbers or times that say which event comes first");
  }
  return out;
}

// A metric column as decimals; answers outside the scale become missing and are counted.
Reals metric_column(const Metric& metric, const Values& values, std::int64_t& out_of_scale) {
  Reals out;
  if (const auto* reals = std::get_if<Reals>(&values)) {
    out = *reals;
  } else if (const auto* integers = std::get_if<Integers>(&values)) {
    for (const std::int64_t v : integers->values) {
      out.values.push_back(v == kMissingInteger ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(v));
    }
  } else {
    throw InvalidInput("metric " + quote_safe(metric.name) + ": column " + quote_safe(metric.column) +
                       " holds no numbers; expected answers on a scale or amounts");
  }
  for (double& v : out.values) {
    if (std::isnan(v)) continue;
    const bool bad =
        metric.kind == MetricKind::Number ? !std::isfinite(v) : v < metric.low || v > metric.high || v != std::floor(v);
    if (bad) {
      v = std::numeric_limits<double>::quiet_NaN();
      ++out_of_scale;
    }
  }
  return out;
}

std::int64_t count_missing(const Values& values) {
  return std::visit(
      [](const auto& v) -> std::int64_t {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, Category>) {
          return std::ranges::count(v.codes, kMissingCode);
        } else if constexpr (std::is_same_v<T, Reals>) {
          return std::ranges::count_if(v.values, [](double x) { return std::isnan(x); });
        } else if constexpr (std::is_same_v<T, Booleans>) {
          return std::ranges::count_if(v.values, [](std::uint8_t x) { return x > 1; });
        } else {
          return std::ranges::count(v.values, kMissingInteger);
        }
      },
      values);
}

void check_metrics(const std::vector<Metric>& metrics) {
  for (std::size_t k = 0; k < metrics.size(); ++k) {
    for (std::size_t j = 0; j < k; ++j) {
      if (metrics[j].name == metrics[k].name)
        throw InvalidInput("metric " + quote_safe(metrics[k].name) + " is named twice; choose another name for one");
    }
    if (metrics[k].kind != MetricKind::Number && !(metrics[k].low < metrics[k].high)) {
      throw InvalidInput("metric " + quote_safe(metrics[k].name) + " has the scale " + std::to_string(metrics[k].low) +
                         " to " + std::to_string(metrics[k].high) + "; expected low < high");
    }
  }
}

// Rows that have case, touchpoint and time; throws on the first that lacks one unless they may be dropped.
std::vector<std::uint32_t> complete_rows(const Category& cases, const Category& touchpoints,
                                         std::span<const std::int64_t> times, const LogOptions& options) {
  std::vector<std::uint32_t> rows;
  rows.reserve(times.size());
  for (std::uint32_t row = 0; row < times.size(); ++row) {
    const bool no_case = cases.codes[row] == kMissingCode;
    const bool no_touchpoint = touchpoints.codes[row] == kMissingCode;
    if (!no_case && !no_touchpoint && times[row] != kMissingInteger) {
      rows.push_back(row);
    } else if (!options.drop_missing) {
      const Role role = no_case ? Role::Case : no_touchpoint ? Role::Touchpoint : Role::Time;
      throw InvalidInput(role_label(role, *options.role(role)) + " has no value in row " + std::to_string(row) +
                         " (counted from 0); an event needs case, touchpoint and time: mend the row, or pass "
                         "on_missing='drop' to leave such rows out and count them");
    }
  }
  return rows;
}

struct Ordered {
  std::vector<std::uint32_t> rows;     // input row of each event in log order
  std::vector<std::uint64_t> offsets;  // of cases
  std::int64_t out_of_order = 0, ties = 0;
};

// The one total order: case, time, order column, input row.
Ordered order_rows(std::vector<std::uint32_t> rows, const Category& cases, std::span<const std::int64_t> times,
                   const std::vector<std::int64_t>& order) {
  Ordered out;
  out.offsets.assign(cases.dictionary->values.size() + 1, 0);
  for (const std::uint32_t row : rows) ++out.offsets[cases.codes[row] + 1];
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  out.rows.resize(rows.size());
  std::vector<std::uint64_t> next(out.offsets.begin(), out.offsets.end() - 1);
  for (const std::uint32_t row : rows) out.rows[next[cases.codes[row]]++] = row;
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    if (times[a] != times[b]) return times[a] < times[b];
    return !order.empty() && order[a] < order[b];
  };
  for (std::size_t c = 0; c + 1 < out.offsets.size(); ++c) {
    const auto begin = out.rows.begin() + static_cast<std::ptrdiff_t>(out.offsets[c]);
    const auto end = out.rows.begin() + static_cast<std::ptrdiff_t>(out.offsets[c + 1]);
    bool sorted = true;
    std::int64_t newest = std::numeric_limits<std::int64_t>::min();
    for (auto at = begin; at != end; ++at) {
      if (times[*at] < newest) ++out.out_of_order;
      newest = std::max(newest, times[*at]);
      if (at != begin && before(*at, *(at - 1))) sorted = false;
    }
    if (!sorted) std::stable_sort(begin, end, before);
    for (auto at = begin; at != end; ++at) {
      if (at != begin && !before(*(at - 1), *at)) ++out.ties;
    }
  }
  return out;
}

// The 95th percentile (nearest rank) of the gaps between neighbouring events of the same case; 0 without a gap.
std::int64_t usual_silence(std::span<const std::int64_t> times, std::span<const std::uint64_t> offsets) {
  std::vector<std::int64_t> gaps;
  gaps.reserve(times.size());
  for (std::size_t c = 0; c + 1 < offsets.size(); ++c) {
    for (std::size_t k = offsets[c] + 1; k < offsets[c + 1]; ++k) gaps.push_back(times[k] - times[k - 1]);
  }
  if (gaps.empty()) return 0;
  const std::size_t rank = (gaps.size() * 95 + 99) / 100 - 1;
  std::ranges::nth_element(gaps, gaps.begin() + static_cast<std::ptrdiff_t>(rank));
  return gaps[rank];
}

void check_span(std::span<const std::int64_t> times, const std::string& column) {
  if (times.empty()) return;
  const auto [first, last] = std::ranges::minmax(times);
  if (!base::checked_difference(last, first)) {
    throw InvalidInput(
        role_label(Role::Time, column) +
        " spans more than 292 years; expected one log of one era: look for broken dates such as 1677 or 2262");
  }
}

}  // namespace

std::string_view to_string(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::string_view to_string(CaseStatus status) {
  constexpr std::array<std::string_view, 4> names = {"completed", "failed", "abandoned", "open"};
  return names[static_cast<std::size_t>(status)];
}

EventLog EventLog::make(base::Table table, LogOptions options) {
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
    if (const auto& column = options.role(role))
      table.replace(*column, as_category(role, *column, *table.at(*column).values));
  }
  // Case codes in byte order of the ids first: the order of cases then is the order of codes.
  const std::string case_column = *options.role(Role::Case);
  table.replace(case_column, canonical(std::get<Category>(*table.at(case_column).values)));
  EventLog log;
  log.quality_.rows_read = static_cast<std::int64_t>(table.rows);
  for (const Metric& metric : options.metrics) {
    std::int64_t bad = 0;
    table.replace(metric.column, metric_column(metric, *table.at(metric.column).values, bad));
    log.quality_.out_of_scale.emplace_back(metric.name, bad);
  }
  {
    const auto& cases = std::get<Category>(*table.at(case_column).values);
    const auto times = time_values(Role::Time, *options.role(Role::Time), *table.at(*options.role(Role::Time)).values);
    auto rows =
        complete_rows(cases, std::get<Category>(*table.at(*options.role(Role::Touchpoint)).values), times, options);
    log.quality_.rows_dropped = static_cast<std::int64_t>(table.rows - rows.size());
    std::vector<std::int64_t> order;
    if (const auto& column = options.role(Role::Order)) order = order_values(*column, *table.at(*column).values);
    const bool whole = rows.size() == table.rows;
    Ordered ordered = order_rows(std::move(rows), cases, times, order);
    log.quality_.out_of_order_rows = ordered.out_of_order;
    log.quality_.tied_events = ordered.ties;
    if (!whole || !std::ranges::is_sorted(ordered.rows)) table = base::take(table, ordered.rows);
  }
  for (base::Column& column : table.columns) {
    log.quality_.missing.emplace_back(column.name, count_missing(*column.values));
    if (const auto* category = std::get_if<Category>(column.values.get())) {
      Category clean = canonical(*category);
      if (clean.dictionary != category->dictionary) column.values = std::make_shared<const Values>(std::move(clean));
    }
  }
  log.table_ = std::move(table);
  log.options_ = std::move(options);

  const auto& codes = log.category(Role::Case).codes;
  log.case_offsets_.assign(log.category(Role::Case).dictionary->values.size() + 1, 0);
  for (const std::uint32_t code : codes) ++log.case_offsets_[code + 1];
  std::partial_sum(log.case_offsets_.begin(), log.case_offsets_.end(), log.case_offsets_.begin());

  const auto times = log.times();
  check_span(times, *log.options_.role(Role::Time));
  if (log.has(Role::EndTime)) {
    const std::string& column = *log.options_.role(Role::EndTime);
    Times ends{{log.end_times().begin(), log.end_times().end()}};
    for (std::size_t k = 0; k < ends.values.size(); ++k) {
      if (ends.values[k] != kMissingInteger && ends.values[k] < times[k]) {
        ends.values[k] = kMissingInteger;
        ++log.quality_.ends_before_start;
      }
    }
    if (log.quality_.ends_before_start > 0) log.table_.replace(column, std::move(ends));
  }
  const auto touchpoints = log.touchpoints();
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    for (std::size_t k = log.case_offsets_[c] + 1; k < log.case_offsets_[c + 1]; ++k) {
      if (times[k] == times[k - 1] && touchpoints[k] == touchpoints[k - 1]) ++log.quality_.duplicate_events;
    }
  }
  if (!log.options_.endings.idle_ns) {
    log.options_.endings.idle_ns = usual_silence(times, log.case_offsets_);
    log.options_.endings.idle_given = false;
  }
  if (*log.options_.endings.idle_ns < 0)
    throw InvalidInput("idle is negative; expected how long a case may stay silent before it counts as abandoned");
  if (!log.options_.observed_until_ns) {
    log.options_.observed_until_ns = times.empty() ? 0 : *std::ranges::max_element(times);
  }
  return log;
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
  return std::get<Reals>(*table_.at(metric(name).column).values).values;
}

}  // namespace journeykit::events
