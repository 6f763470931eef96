// Logs from paths written as text: {"ABC", "AC"} are the cases 0 and 1, one letter a touchpoint, ten seconds apart.
#pragma once

#include <string>
#include <vector>

#include "events/make_log.hpp"

namespace journeykit::test {

inline events::EventLog log_of(const std::vector<std::string>& paths) {
  std::vector<Event> rows;
  for (std::size_t c = 0; c < paths.size(); ++c) {
    for (std::size_t k = 0; k < paths[c].size(); ++k) {
      rows.push_back({std::to_string(c), std::string(1, paths[c][k]), static_cast<std::int64_t>(10 * k)});
    }
  }
  return make_log(rows);
}

inline std::vector<std::string> texts(const base::Table& table, std::string_view column) {
  const auto& category = std::get<base::Category>(*table.at(column).values);
  std::vector<std::string> out;
  for (const std::uint32_t code : category.codes)
    out.push_back(code == base::kMissingCode ? "-" : category.dictionary->values[code]);
  return out;
}

inline const std::vector<std::int64_t>& integers(const base::Table& table, std::string_view column) {
  return std::get<base::Integers>(*table.at(column).values).values;
}

inline const std::vector<double>& reals(const base::Table& table, std::string_view column) {
  return std::get<base::Reals>(*table.at(column).values).values;
}

}  // namespace journeykit::test
