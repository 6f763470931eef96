#include <algorithm>
#include <cmath>

#include "journeykit/attribution/paths.hpp"
#include "journeykit/base/text_order.hpp"

namespace journeykit::attribution {

LogPaths paths_of_log(const events::EventLog& log, std::span<const double> values,
                      const base::Cancellation& cancellation) {
  constexpr double ns_a_day = 86'400e9;
  const std::vector<events::CaseStatus> status = events::case_status(log);
  const auto touchpoints = log.touchpoints();
  const auto times = log.times();
  const std::vector<std::string>& names = log.touchpoint_names();
  enum : std::uint8_t { kChannel, kCompletes, kFails };
  std::vector<std::uint8_t> kind(names.size(), kChannel);
  if (!log.has(events::Role::Outcome)) {
    const events::Endings& endings = log.options().endings;
    for (std::size_t k = 0; k < names.size(); ++k) {
      if (std::ranges::find(endings.failed, names[k]) != endings.failed.end()) kind[k] = kFails;
      if (std::ranges::find(endings.completed, names[k]) != endings.completed.end()) kind[k] = kCompletes;
    }
  }
  LogPaths out;
  Paths& paths = out.paths;
  std::vector<std::uint8_t> used(names.size());
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    if (c % 65'536 == 0) cancellation.check();
    if (status[c] == events::CaseStatus::Open) {
      ++out.open_cases;
      continue;
    }
    const std::size_t begin = log.case_offsets()[c], end = log.case_offsets()[c + 1];
    const bool completed = status[c] == events::CaseStatus::Completed;
    const std::size_t before = paths.steps.size();
    std::size_t stop = begin;  // what comes after the conversion cannot have led to it
    while (stop < end && kind[touchpoints[stop]] != kCompletes) ++stop;
    const std::int64_t until = times[std::min(stop, end - 1)];
    for (std::size_t k = begin; k < stop; ++k) {
      if (kind[touchpoints[k]] != kChannel) continue;
      used[touchpoints[k]] = 1;
      paths.steps.push_back(touchpoints[k]);
      paths.ages.push_back(static_cast<double>(until - times[k]) / ns_a_day);
    }
    double value = 0;
    for (std::size_t k = begin; k < end && completed && !values.empty(); ++k) {
      if (!std::isnan(values[k])) value += values[k];
    }
    if (completed && paths.steps.size() == before) {
      ++out.empty_completed_cases;
      continue;
    }
    out.cases.push_back(c);
    paths.offsets.push_back(paths.steps.size());
    paths.conversions.push_back(completed ? 1 : 0);
    paths.nulls.push_back(completed ? 0 : 1);
    if (!values.empty()) paths.values.push_back(value);
  }
  std::vector<std::uint32_t> code_of(names.size());
  std::vector<std::string> met;
  std::vector<std::uint32_t> codes;
  for (std::uint32_t k = 0; k < names.size(); ++k) {
    if (used[k] == 0) continue;
    met.push_back(names[k]);
    codes.push_back(k);
  }
  for (const std::uint32_t place : base::byte_order(met, cancellation)) {
    code_of[codes[place]] = static_cast<std::uint32_t>(paths.channels.size());
    paths.channels.push_back(met[place]);
  }
  for (std::uint32_t& step : paths.steps) step = code_of[step];
  return out;
}

}  // namespace journeykit::attribution
