#include <algorithm>
#include <limits>

#include "journeykit/base/error.hpp"
#include "journeykit/metrics/detail_elapsed.hpp"
#include "journeykit/metrics/detail_measure.hpp"

namespace journeykit::metrics {
namespace {

using base::kMissingCode;
using events::CaseStatus;
using events::EventLog;
using events::Role;

// Collects one number per closed case in every group that the case touches; counts the open ones.
template <class ValueOf>
Measurement over_closed_cases(const Work& work, const char* unit, bool share, ValueOf&& value_of) {
  Measurement out{chosen_groups(work, WindowOf::Case), unit, {}};
  const auto status = events::case_status(work.log);
  const auto who = events::customers(work.log);
  PerGroup<Observation> observations(out.groups.count);
  std::vector<std::int64_t> open(out.groups.count, 0);
  for_each_case_group(work.log, out.groups, [&](std::size_t c, std::uint32_t g) {
    if (status[c] == CaseStatus::Open) {
      ++open[g];
    } else {
      observations.add(g, {who.of_case[c], value_of(c, g, status[c], out.groups), 1});
    }
  });
  fill(out, observations, work, [&](std::span<const Observation> of_group) {
    if (share) return estimate_share(of_group, work.options.confidence);
    Estimate mean = estimate_mean(of_group, work.options.confidence);
    clip(mean, 0, std::numeric_limits<double>::infinity());
    return mean;
  });
  for (Measured& row : out.rows) warn_of_open(row.estimate, open[row.group]);
  return out;
}

void need_completed(const EventLog& log, const std::string& name) {
  if (log.options().endings.completed.empty()) throw base::InvalidInput(needs_completed(name));
}

// When the case was completed: its first completing touchpoint, or by an outcome column the end of the case.
std::int64_t completion_time(const EventLog& log, std::size_t c, const std::vector<std::uint8_t>& completing) {
  const auto offsets = log.case_offsets();
  if (!completing.empty()) {
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      if (completing[log.touchpoints()[k]] != 0) return log.times()[k];
    }
  }
  return log.times()[offsets[c + 1] - 1];
}

}  // namespace

Measurement measure_cases(const Work& work, const CaseShare& what) {
  const auto offsets = work.log.case_offsets();
  if (what.outcome != CaseOutcome::SilentExit) need_completed(work.log, work.name);
  return over_closed_cases(
      work, "share", true, [&](std::size_t c, std::uint32_t g, CaseStatus status, const Groups& groups) {
        switch (what.outcome) {
          case CaseOutcome::Completion:
            return status == CaseStatus::Completed ? 1.0 : 0.0;
          case CaseOutcome::SilentExit:
            return status == CaseStatus::Abandoned ? 1.0 : 0.0;
          case CaseOutcome::DropOff:
            break;
        }
        return status != CaseStatus::Completed && groups.of_event[offsets[c + 1] - 1] == g ? 1.0 : 0.0;
      });
}

Measurement measure_cases(const Work& work, const Transfers& what) {
  const auto codes = coded_column(work.log, what.column).codes;
  const auto offsets = work.log.case_offsets();
  const auto changes = [&](std::size_t c, std::uint32_t, CaseStatus, const Groups&) {
    double count = 0;
    std::uint32_t before = kMissingCode;
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      if (codes[k] == kMissingCode) continue;
      count += before != kMissingCode && before != codes[k] ? 1 : 0;
      before = codes[k];
    }
    return what.share ? std::min(count, 1.0) : count;
  };
  return over_closed_cases(work, what.share ? "share" : "transfers per case", what.share, changes);
}

Measurement measure_cases(const Work& work, const ResolutionTime& what) {
  const EventLog& log = work.log;
  Measurement out{chosen_groups(work, WindowOf::Case), "seconds", {}};
  const auto status = events::case_status(log);
  const auto who = events::customers(log);
  const auto offsets = log.case_offsets();
  const auto times = log.times();
  const auto& completed = log.options().endings.completed;
  const auto completing =
      completed.empty() || log.has(Role::Outcome) ? std::vector<std::uint8_t>{} : touchpoint_mask(log, completed);
  // Without a declared ending a case that fell silent is over with its last event.
  const CaseStatus resolved = completed.empty() ? CaseStatus::Abandoned : CaseStatus::Completed;
  PerGroup<Spell> spells(out.groups.count);
  for_each_case_group(log, out.groups, [&](std::size_t c, std::uint32_t g) {
    const std::int64_t start = times[offsets[c]];
    Spell spell{who.of_case[c], times[offsets[c + 1] - 1] - start, SpellEnd::Censored};
    if (status[c] == resolved) {
      spell = {who.of_case[c], completion_time(log, c, completing) - start, SpellEnd::Event};
    } else if (status[c] == CaseStatus::Open) {
      spell.length_ns = std::max(spell.length_ns, elapsed_ns(start, log.observed_until_ns()));
    }
    spells.add(g, spell);
  });
  fill(out, spells, work,
       [&](std::span<const Spell> of_group) { return estimate_time(of_group, what.number, work.options.confidence); });
  if (completed.empty()) {
    for (Measured& row : out.rows)
      warn(row.estimate, "no ending is declared: a case counts as resolved with its last event once it fell silent");
  }
  return out;
}

}  // namespace journeykit::metrics
