#include <algorithm>

#include "journeykit/base/error.hpp"
#include "journeykit/metrics/detail_elapsed.hpp"
#include "journeykit/metrics/detail_measure.hpp"

namespace journeykit::metrics {
namespace {

struct CustomerWait {
  std::uint32_t customer = 0;
  Wait wait;
};

struct GroupedWaits {
  Measurement out;
  PerGroup<CustomerWait> waits;
  std::int64_t impossible = 0;
};

GroupedWaits grouped_waits(const Work& work, const WaitRule& rule, const char* unit) {
  Waits found = waits_of(work.log, rule);
  Measurement out{chosen_groups(work, WindowOf::Event), unit, {}};
  PerGroup<CustomerWait> waits(out.groups.count);
  const auto who = events::customers(work.log);
  const auto& cases = work.log.category(events::Role::Case).codes;
  for (const Wait& wait : found.waits) {
    const std::uint32_t g = out.groups.of_event[wait.event];
    if (g != base::kMissingCode) waits.add(g, {who.of_case[cases[wait.event]], wait});
  }
  return {std::move(out), std::move(waits), found.impossible};
}

void warn_of_impossible(Measurement& out, std::int64_t impossible) {
  if (impossible == 0) return;
  for (Measured& row : out.rows)
    warn(row.estimate, counted(impossible, "wait") + " of the log negative or infinite, left out");
}

// In the denominator? 1 or 0 for answered in time or not; −1 for left out.
int in_time(const Wait& wait, const ServiceLevel& what) {
  const bool early = wait.length_ns <= what.within_ns;
  const bool answered_early = wait.end == WaitEnd::Answered && early;
  switch (what.denominator) {
    case ServiceDenominator::Offered:
      break;
    case ServiceDenominator::Answered:
      if (wait.end != WaitEnd::Answered) return -1;
      break;
    case ServiceDenominator::OfferedLessShortAbandons:
      if (wait.end == WaitEnd::Abandoned && wait.length_ns < what.short_abandon_ns) return -1;
      break;
    case ServiceDenominator::AbandonedInTimeCount:
      if (wait.end == WaitEnd::Abandoned && early) return 1;
      break;
  }
  return answered_early ? 1 : 0;
}

Estimate service_level(std::span<const CustomerWait> waits, const ServiceLevel& what, const Work& work) {
  const auto times = work.log.times();
  const std::int64_t until = work.log.observed_until_ns();
  // As long as every wait is known at the threshold, all count. Otherwise only those that began a whole threshold
  // before the end: keeping the young ones that happen to be answered would flatter.
  const bool unknown = std::ranges::any_of(
      waits, [&](const CustomerWait& w) { return w.wait.end == WaitEnd::Open && w.wait.length_ns < what.within_ns; });
  std::vector<Observation> observations;
  std::int64_t young = 0;
  for (const CustomerWait& w : waits) {
    if (unknown && elapsed_ns(times[w.wait.event], until) < what.within_ns) {
      ++young;
      continue;
    }
    const int counted = in_time(w.wait, what);
    if (counted >= 0) observations.push_back({w.customer, static_cast<double>(counted), 1});
  }
  Estimate out = estimate_share(observations, work.options.confidence);
  if (young > 0) warn(out, counted(young, "wait") + " younger than the threshold left out");
  return out;
}

}  // namespace

Measurement measure_waits(const Work& work, const ServiceLevel& what) {
  if (what.within_ns <= 0)
    throw base::InvalidInput("the threshold of the service level is not above 0; expected a length such as '2min'");
  auto [out, waits, impossible] = grouped_waits(work, what.wait, "share");
  fill(out, waits, work, [&](std::span<const CustomerWait> of_group) { return service_level(of_group, what, work); });
  warn_of_impossible(out, impossible);
  return out;
}

Measurement measure_waits(const Work& work, const Abandonment& what) {
  auto [out, waits, impossible] = grouped_waits(work, what.wait, "share");
  fill(out, waits, work, [&](std::span<const CustomerWait> of_group) {
    std::vector<Observation> observations;
    std::int64_t open = 0;
    for (const CustomerWait& w : of_group) {
      if (w.wait.end == WaitEnd::Open) {
        ++open;
      } else {
        observations.push_back({w.customer, w.wait.end == WaitEnd::Answered ? 0.0 : 1.0, 1});
      }
    }
    Estimate estimate = estimate_share(observations, work.options.confidence);
    if (open > 0) warn(estimate, counted(open, "wait") + " still open, left out");
    return estimate;
  });
  warn_of_impossible(out, impossible);
  return out;
}

Measurement measure_waits(const Work& work, const ResponseTime& what) {
  auto [out, waits, impossible] = grouped_waits(work, what.wait, "seconds");
  fill(out, waits, work, [&](std::span<const CustomerWait> of_group) {
    std::vector<Spell> spells;
    for (const CustomerWait& w : of_group) {
      spells.push_back(
          {w.customer, w.wait.length_ns, w.wait.end == WaitEnd::Answered ? SpellEnd::Event : SpellEnd::Censored});
    }
    return estimate_time(spells, what.number, work.options.confidence);
  });
  warn_of_impossible(out, impossible);
  return out;
}

}  // namespace journeykit::metrics
