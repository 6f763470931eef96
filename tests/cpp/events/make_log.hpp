// Small logs for the tests of every room: one line per event, in any order.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "journeykit/events/log.hpp"

namespace journeykit::test {

struct Event {
  std::string case_id, touchpoint;
  std::int64_t seconds = 0;
};

inline constexpr std::int64_t kSecond = 1'000'000'000;

// Columns "case", "touchpoint", "time" from the events, then `more` as they are; `options` may name more roles.
inline events::EventLog make_log(const std::vector<Event>& rows, events::LogOptions options = {},
                                 std::vector<std::pair<std::string, base::Values>> more = {}) {
  std::vector<std::string> cases, touchpoints;
  base::Times times;
  for (const Event& row : rows) {
    cases.push_back(row.case_id);
    touchpoints.push_back(row.touchpoint);
    times.values.push_back(row.seconds * kSecond);
  }
  base::Table table;
  table.add("case", base::categorize(cases));
  table.add("touchpoint", base::categorize(touchpoints));
  table.add("time", std::move(times));
  for (auto& [name, values] : more) table.add(name, std::move(values));
  options.role(events::Role::Case) = "case";
  options.role(events::Role::Touchpoint) = "touchpoint";
  options.role(events::Role::Time) = "time";
  return events::EventLog::make(std::move(table), std::move(options));
}

// Text per event as a column; "" is missing.
inline base::Values text_column(const std::vector<std::string>& rows) {
  base::Category out = base::categorize(rows);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (rows[k].empty()) out.codes[k] = base::kMissingCode;
  }
  return out;
}

}  // namespace journeykit::test
