#include <algorithm>
#include <limits>

#include "journeykit/base/checked.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/events/log.hpp"
#include "journeykit/events/status.hpp"

namespace journeykit::events {
namespace {

using base::Category;
using base::kMissingCode;

// What each code of the ending column means.
std::vector<CaseStatus> meaning_of_codes(const std::vector<std::string>& names,
                                         const std::vector<std::string>& completed,
                                         const std::vector<std::string>& failed) {
  std::vector<CaseStatus> meaning(names.size(), CaseStatus::Open);  // Open: no ending
  const auto mark = [&](const std::vector<std::string>& values, CaseStatus status) {
    for (std::size_t code = 0; code < names.size(); ++code) {
      if (std::ranges::find(values, names[code]) != values.end()) meaning[code] = status;
    }
  };
  mark(failed, CaseStatus::Failed);
  mark(completed, CaseStatus::Completed);
  return meaning;
}

Role ending_role(const EventLog& log) { return log.has(Role::Outcome) ? Role::Outcome : Role::Touchpoint; }

// By touchpoints anywhere in the case; by the last known value of an outcome column.
CaseStatus ending_of(const Category& column, bool outcome, const std::vector<CaseStatus>& meaning, std::size_t begin,
                     std::size_t end) {
  CaseStatus found = CaseStatus::Open;
  for (std::size_t k = end; k-- > begin;) {
    const std::uint32_t code = column.codes[k];
    if (code == kMissingCode) continue;
    if (outcome) return meaning[code];
    if (meaning[code] == CaseStatus::Completed) return CaseStatus::Completed;
    if (meaning[code] == CaseStatus::Failed) found = CaseStatus::Failed;
  }
  return found;
}

}  // namespace

std::vector<CaseStatus> case_status(const EventLog& log, const StatusRule& rule) {
  constexpr std::size_t cases_at_once = 65'536;
  const Role role = ending_role(log);
  const Category& column = log.category(role);
  const auto meaning = meaning_of_codes(column.dictionary->values, rule.completed, rule.failed);
  const auto offsets = log.case_offsets();
  const auto times = log.times();
  std::vector<CaseStatus> out(log.case_count());
  base::parallel_for(out.size(), cases_at_once, 0, {}, [&](std::size_t begin, std::size_t end) {
    for (std::size_t c = begin; c < end; ++c) {
      out[c] = ending_of(column, role == Role::Outcome, meaning, offsets[c], offsets[c + 1]);
      if (out[c] != CaseStatus::Open) continue;
      const std::int64_t last = times[offsets[c + 1] - 1];
      const std::int64_t silent =
          base::checked_difference(rule.observed_until_ns, last)
              .value_or(last < 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min());
      if (silent >= rule.idle_ns) out[c] = CaseStatus::Abandoned;
    }
  });
  return out;
}

std::vector<CaseStatus> case_status(const EventLog& log) {
  const Endings& endings = log.options().endings;
  return case_status(log, {endings.completed, endings.failed, log.idle_limit_ns(), log.observed_until_ns()});
}

Customers customers(const EventLog& log) {
  Customers out;
  out.of_case.resize(log.case_count());
  if (!log.has(Role::Customer)) {
    for (std::size_t c = 0; c < out.of_case.size(); ++c) out.of_case[c] = static_cast<std::uint32_t>(c);
    out.count = out.of_case.size();
    return out;
  }
  const Category& column = log.category(Role::Customer);
  std::vector<std::uint32_t> dense(column.dictionary->values.size(), kMissingCode);
  const auto offsets = log.case_offsets();
  std::uint32_t next = 0;
  for (std::size_t c = 0; c < out.of_case.size(); ++c) {
    std::uint32_t code = kMissingCode;
    for (std::size_t k = offsets[c]; k < offsets[c + 1] && code == kMissingCode; ++k) code = column.codes[k];
    if (code == kMissingCode) {
      out.of_case[c] = next++;
    } else {
      if (dense[code] == kMissingCode) dense[code] = next++;
      out.of_case[c] = dense[code];
    }
  }
  out.count = next;
  return out;
}

base::Table case_table(const EventLog& log) {
  const auto offsets = log.case_offsets();
  const auto times = log.times();
  const auto ends = log.end_times();
  const auto status = case_status(log);
  base::Times first, last;
  base::Integers events;
  Category ids{{}, log.category(Role::Case).dictionary};
  Category states{{},
                  std::make_shared<base::Dictionary>(base::Dictionary{{"completed", "failed", "abandoned", "open"}})};
  Category customer{{}, log.has(Role::Customer) ? log.category(Role::Customer).dictionary : ids.dictionary};
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    std::int64_t end = times[offsets[c + 1] - 1];
    std::uint32_t who = log.has(Role::Customer) ? kMissingCode : static_cast<std::uint32_t>(c);
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      if (!ends.empty() && ends[k] != base::kMissingInteger) end = std::max(end, ends[k]);
      if (who == kMissingCode) who = log.category(Role::Customer).codes[k];
    }
    ids.codes.push_back(static_cast<std::uint32_t>(c));
    customer.codes.push_back(who);
    first.values.push_back(times[offsets[c]]);
    last.values.push_back(end);
    events.values.push_back(static_cast<std::int64_t>(offsets[c + 1] - offsets[c]));
    states.codes.push_back(static_cast<std::uint32_t>(status[c]));
  }
  base::Table out;
  out.add("case", std::move(ids));
  out.add("customer", std::move(customer));
  out.add("start", std::move(first));
  out.add("end", std::move(last));
  out.add("events", std::move(events));
  out.add("status", std::move(states));
  return out;
}

void check_endings(const EventLog& log) {
  const Role role = ending_role(log);
  const auto& names = log.category(role).dictionary->values;
  const Endings& endings = log.options().endings;
  const std::string kind = role == Role::Outcome ? "outcome" : "touchpoint";
  for (const auto* values : {&endings.completed, &endings.failed}) {
    for (const std::string& value : *values) {
      if (std::ranges::find(names, value) == names.end())
        throw base::InvalidInput("ending: " + base::not_found_message(kind, value, "the log", names));
    }
  }
  for (const std::string& value : endings.completed) {
    if (std::ranges::find(endings.failed, value) != endings.failed.end()) {
      throw base::InvalidInput("ending " + base::quote_safe(value) +
                               " is named as completed and as failed; choose one");
    }
  }
}

}  // namespace journeykit::events
