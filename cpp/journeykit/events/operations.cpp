#include "journeykit/events/operations.hpp"

#include <algorithm>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/random.hpp"

namespace journeykit::events {
namespace {

using base::Category;
using base::InvalidInput;

void check_length(const char* what, std::size_t got, std::size_t expected) {
  if (got != expected) {
    throw InvalidInput(std::string(what) + " has " + std::to_string(got) + " values; expected one for each of the " +
                       std::to_string(expected));
  }
}

EventLog take_events(const EventLog& log, const std::vector<std::uint32_t>& rows,
                     const base::Cancellation& cancellation) {
  if (rows.empty()) throw InvalidInput("no event is left; widen the selection");
  return EventLog::make(base::take(log.table(), rows, cancellation), log.options(), cancellation);
}

// The name as a new column: `wanted`, or `wanted_2` … where that is taken.
std::string free_name(const base::Table& table, const std::string& wanted) {
  std::string name = wanted;
  for (int k = 2; table.find(name) != nullptr; ++k) name = wanted + "_" + std::to_string(k);
  return name;
}

}  // namespace

EventLog select_events(const EventLog& log, const std::vector<std::uint8_t>& keep,
                       const base::Cancellation& cancellation) {
  check_length("the event selection", keep.size(), log.event_count());
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < keep.size(); ++row) {
    if (keep[row] != 0) rows.push_back(row);
  }
  return take_events(log, rows, cancellation);
}

EventLog select_cases(const EventLog& log, const std::vector<std::uint8_t>& keep,
                      const base::Cancellation& cancellation) {
  check_length("the case selection", keep.size(), log.case_count());
  std::vector<std::uint32_t> rows;
  const auto offsets = log.case_offsets();
  for (std::size_t c = 0; c < keep.size(); ++c) {
    if (keep[c] == 0) continue;
    for (std::uint64_t k = offsets[c]; k < offsets[c + 1]; ++k) rows.push_back(static_cast<std::uint32_t>(k));
  }
  return take_events(log, rows, cancellation);
}

EventLog with_touchpoints(const EventLog& log, const std::vector<std::string>& names,
                          const base::Cancellation& cancellation) {
  const auto& old_names = log.touchpoint_names();
  check_length("the list of touchpoint names", names.size(), old_names.size());
  base::Table table = log.table();
  LogOptions options = log.options();
  Category renamed{log.category(Role::Touchpoint).codes, std::make_shared<base::Dictionary>(base::Dictionary{names})};
  table.replace(*options.role(Role::Touchpoint), std::move(renamed));
  if (!log.has(Role::Outcome)) {
    for (auto* endings : {&options.endings.completed, &options.endings.failed}) {
      for (std::string& ending : *endings) {
        const auto at = std::ranges::find(old_names, ending);
        if (at != old_names.end()) ending = names[static_cast<std::size_t>(at - old_names.begin())];
      }
    }
  }
  return EventLog::make(std::move(table), std::move(options), cancellation).with_counts_of(log);
}

EventLog with_column(const EventLog& log, const std::string& name, base::Values values,
                     const base::Cancellation& cancellation) {
  base::Table table = log.table();
  if (table.find(name) != nullptr) {
    table.replace(name, std::move(values));
  } else {
    table.add(name, std::move(values));
  }
  return EventLog::make(std::move(table), log.options(), cancellation).with_counts_of(log, name);
}

EventLog with_metric(const EventLog& log, Metric metric, const base::Cancellation& cancellation) {
  LogOptions options = log.options();
  std::erase_if(options.metrics, [&](const Metric& m) { return m.name == metric.name; });
  options.metrics.push_back(std::move(metric));
  return EventLog::make(log.table(), std::move(options), cancellation).with_counts_of(log);
}

EventLog with_endings(const EventLog& log, Endings endings, const base::Cancellation& cancellation) {
  LogOptions options = log.options();
  endings.idle_given = endings.idle_ns.has_value();
  options.endings = std::move(endings);
  EventLog out = EventLog::make(log.table(), std::move(options), cancellation).with_counts_of(log);
  check_endings(out);
  return out;
}

EventLog with_observed_until(const EventLog& log, std::int64_t until_ns, const base::Cancellation& cancellation) {
  LogOptions options = log.options();
  options.observed_until_ns = until_ns;
  return EventLog::make(log.table(), std::move(options), cancellation).with_counts_of(log);
}

EventLog collapse_repeats(const EventLog& log, const base::Cancellation& cancellation) {
  const auto offsets = log.case_offsets();
  const auto touchpoints = log.touchpoints();
  std::vector<std::uint32_t> rows;
  base::Times ends;
  const bool has_ends = log.has(Role::EndTime);
  const auto old_ends = log.end_times();
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    for (std::uint64_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      const bool repeat = k > offsets[c] && touchpoints[k] == touchpoints[k - 1];
      if (!repeat) {
        rows.push_back(static_cast<std::uint32_t>(k));
        if (has_ends) ends.values.push_back(old_ends[k]);
      } else if (has_ends) {
        ends.values.back() = std::max(ends.values.back(), old_ends[k]);
      }
    }
  }
  base::Table table = base::take(log.table(), rows, cancellation);
  if (has_ends) table.replace(*log.options().role(Role::EndTime), std::move(ends));
  return EventLog::make(std::move(table), log.options(), cancellation);
}

EventLog sessions(const EventLog& log, std::int64_t gap_ns, const base::Cancellation& cancellation) {
  if (gap_ns <= 0)
    throw InvalidInput("gap is " + std::to_string(gap_ns) +
                       " ns; expected the longest pause inside a session, above 0");
  const auto offsets = log.case_offsets();
  const auto times = log.times();
  const Category& cases = log.category(Role::Case);
  auto dictionary = std::make_shared<base::Dictionary>();
  Category split;
  split.codes.resize(log.event_count());
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    std::size_t number = 0;
    for (std::uint64_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      if (k == offsets[c] || times[k] - times[k - 1] > gap_ns) {
        ++number;
        dictionary->values.push_back(log.case_id(c) + "#" + std::to_string(number));
      }
      split.codes[k] = static_cast<std::uint32_t>(dictionary->values.size() - 1);
    }
  }
  split.dictionary = std::move(dictionary);
  base::Table table = log.table();
  LogOptions options = log.options();
  if (!log.has(Role::Customer)) {
    const std::string name = free_name(table, "customer");
    table.add(name, cases);
    options.role(Role::Customer) = name;
  }
  const std::string name = free_name(table, "session");
  table.add(name, std::move(split));
  options.role(Role::Case) = name;
  if (!options.endings.idle_given) options.endings.idle_ns.reset();
  return EventLog::make(std::move(table), std::move(options), cancellation).with_counts_of(log);
}

EventLog sample(const EventLog& log, std::size_t cases, std::uint64_t seed, const base::Cancellation& cancellation) {
  if (cases >= log.case_count()) return log;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> ranked(log.case_count());
  for (std::uint32_t c = 0; c < ranked.size(); ++c) ranked[c] = {base::hash(seed, log.case_id(c)), c};
  std::ranges::nth_element(ranked, ranked.begin() + static_cast<std::ptrdiff_t>(cases));
  std::vector<std::uint8_t> keep(log.case_count(), 0);
  for (std::size_t k = 0; k < cases; ++k) keep[ranked[k].second] = 1;
  return select_cases(log, keep, cancellation);
}

std::vector<std::uint8_t> events_with(const EventLog& log, const std::string& column,
                                      const std::vector<std::string>& values) {
  const auto* category = std::get_if<Category>(log.table().at(column).values.get());
  if (category == nullptr) {
    throw InvalidInput("column " + base::quote_safe(column) +
                       " holds no text; filter it with a mask, or read it as text");
  }
  std::vector<std::uint8_t> wanted(category->dictionary->values.size(), 0);
  for (const std::string& value : values) {
    if (const auto code = category->dictionary->find(value)) {
      wanted[*code] = 1;
    } else {
      throw base::NotFound(
          base::not_found_message("value", value, "column " + base::quote_safe(column), category->dictionary->values));
    }
  }
  std::vector<std::uint8_t> out(category->codes.size(), 0);
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (category->codes[k] != base::kMissingCode) out[k] = wanted[category->codes[k]];
  }
  return out;
}

}  // namespace journeykit::events
