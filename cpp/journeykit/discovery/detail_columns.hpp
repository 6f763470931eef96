// Columns that several results share.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "journeykit/discovery/segments.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::discovery {

inline constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

// part / whole; missing where there is no whole.
inline double share_of(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? kNoNumber : static_cast<double>(part) / static_cast<double>(whole);
}

struct TimeColumns {
  base::Reals mean, median, p90, min, max;

  void append(const std::optional<journey::TimeSummary>& summary) {
    const auto push = [&](base::Reals& column, double journey::TimeSummary::*value) {
      column.values.push_back(summary ? (*summary).*value : kNoNumber);
    };
    push(mean, &journey::TimeSummary::mean_seconds);
    push(median, &journey::TimeSummary::median_seconds);
    push(p90, &journey::TimeSummary::p90_seconds);
    push(min, &journey::TimeSummary::min_seconds);
    push(max, &journey::TimeSummary::max_seconds);
  }
  void add_to(base::Table& table, const std::string& prefix) && {
    table.add(prefix + "mean_seconds", std::move(mean));
    table.add(prefix + "median_seconds", std::move(median));
    table.add(prefix + "p90_seconds", std::move(p90));
    table.add(prefix + "min_seconds", std::move(min));
    table.add(prefix + "max_seconds", std::move(max));
  }
};

inline base::Category touchpoint_column(const events::EventLog& log) {
  return {{}, log.category(events::Role::Touchpoint).dictionary};
}

}  // namespace journeykit::discovery
