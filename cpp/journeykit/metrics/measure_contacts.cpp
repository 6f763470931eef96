#include <algorithm>
#include <limits>

#include "journeykit/base/error.hpp"
#include "journeykit/metrics/detail_elapsed.hpp"
#include "journeykit/metrics/detail_measure.hpp"

namespace journeykit::metrics {
namespace {

using base::kMissingCode;

void check_window(std::int64_t window_ns) {
  if (window_ns <= 0) throw base::InvalidInput("the repeat window is not above 0; expected a length such as '7d'");
}

ContactRule rule_of(const Work& work, ContactRule rule) {
  if (rule.touchpoints.empty()) rule.touchpoints = work.options.touchpoints;
  return rule;
}

// When each customer left for good (their first event at one of the touchpoints); the largest number where never.
std::vector<std::int64_t> leaving_times(const events::EventLog& log, const events::Customers& who,
                                        const std::vector<std::string>& left) {
  std::vector<std::int64_t> out(who.count, std::numeric_limits<std::int64_t>::max());
  if (left.empty()) return out;
  const auto mask = touchpoint_mask(log, left);
  const auto times = log.times();
  const auto touchpoints = log.touchpoints();
  const auto& cases = log.category(events::Role::Case).codes;
  for (std::size_t k = 0; k < times.size(); ++k) {
    std::int64_t& when = out[who.of_case[cases[k]]];
    if (mask[touchpoints[k]] != 0) when = std::min(when, times[k]);
  }
  return out;
}

// A first contact and the time until the next one of its customer and issue, until leaving, or until observation ended.
Spell spell_of(const Contact& contact, const Contact* next, std::int64_t left_ns, std::int64_t until_ns) {
  if (left_ns > contact.start_ns &&
      left_ns < (next != nullptr ? next->start_ns : std::max(until_ns, contact.start_ns))) {
    return {contact.customer, left_ns - contact.start_ns, SpellEnd::Competing};
  }
  if (next != nullptr) return {contact.customer, next->start_ns - contact.start_ns, SpellEnd::Event};
  return {contact.customer, elapsed_ns(contact.start_ns, until_ns), SpellEnd::Censored};
}

// A count per customer is lower in a window that the log covers only in part.
void warn_of_partial_windows(Measurement& out, const Work& work) {
  const auto& starts = work.options.by.window_starts_ns;
  if (starts.empty() || work.log.event_count() == 0) return;
  const std::int64_t first = *std::ranges::min_element(work.log.times());
  const auto& windows = std::get<base::Times>(*out.groups.keys.at("window").values).values;
  for (Measured& row : out.rows) {
    const auto next = std::ranges::upper_bound(starts, windows[row.group]);
    const bool covered = windows[row.group] >= first && next != starts.end() && *next <= work.log.observed_until_ns();
    if (!covered) warn(row.estimate, "the log covers only part of the window");
  }
}

Estimate mature_share(std::span<const Spell> spells, std::int64_t window_ns, double confidence) {
  std::vector<Observation> resolved;
  for (const Spell& s : spells)
    resolved.push_back({s.customer, s.end == SpellEnd::Event && s.length_ns <= window_ns ? 0.0 : 1.0, 1});
  Estimate out = estimate_share(resolved, confidence);
  out.method = "share, contacts a whole window before the end, Wilson on customers";
  return out;
}

}  // namespace

Measurement measure_contacts(const Work& work, const Fcr& what) {
  check_window(what.window_ns);
  const auto contacts = contacts_of(work.log, rule_of(work, what.contact));
  Measurement out{chosen_groups(work, WindowOf::Event), "share", {}};
  const auto left = leaving_times(work.log, events::customers(work.log), what.left);
  const std::int64_t until = work.log.observed_until_ns();
  PerGroup<Spell> spells(out.groups.count);
  for (std::size_t k = 0; k < contacts.size(); ++k) {
    const Contact& contact = contacts[k];
    const std::uint32_t g = out.groups.of_event[contact.event];
    const bool repeats = same_chain(contacts, k) && contact.start_ns - contacts[k - 1].start_ns <= what.window_ns;
    if (g == kMissingCode || repeats) continue;
    if (what.edge == RightEdge::MatureOnly && elapsed_ns(contact.start_ns, until) < what.window_ns) continue;
    const Contact* next = k + 1 < contacts.size() && same_chain(contacts, k + 1) ? &contacts[k + 1] : nullptr;
    spells.add(g, spell_of(contact, next, left[contact.customer], until));
  }
  fill(out, spells, work, [&](std::span<const Spell> of_group) {
    return what.edge == RightEdge::MatureOnly ? mature_share(of_group, what.window_ns, work.options.confidence)
                                              : estimate_survival(of_group, what.window_ns, work.options.confidence);
  });
  return out;
}

Measurement measure_contacts(const Work& work, const RepeatContacts& what) {
  check_window(what.window_ns);
  const auto contacts = contacts_of(work.log, rule_of(work, what.contact));
  Measurement out{chosen_groups(work, WindowOf::Event), "share", {}};
  const auto times = work.log.times();
  const std::int64_t first = times.empty() ? 0 : *std::ranges::min_element(times);
  PerGroup<Observation> observations(out.groups.count);
  std::vector<std::int64_t> early(out.groups.count, 0);
  for (std::size_t k = 0; k < contacts.size(); ++k) {
    const Contact& contact = contacts[k];
    const std::uint32_t g = out.groups.of_event[contact.event];
    if (g == kMissingCode) continue;
    const bool repeats = same_chain(contacts, k) && contact.start_ns - contacts[k - 1].start_ns <= what.window_ns;
    observations.add(g, {contact.customer, repeats ? 1.0 : 0.0, 1});
    early[g] += !repeats && contact.start_ns - first < what.window_ns ? 1 : 0;
  }
  fill(out, observations, work,
       [&](std::span<const Observation> of_group) { return estimate_share(of_group, work.options.confidence); });
  for (Measured& row : out.rows) {
    constexpr std::int64_t tenth = 10;
    if (early[row.group] * tenth > row.estimate.n) {
      warn(row.estimate,
           percent_of(early[row.group], row.estimate.n, "contacts") + " may repeat one from before the log begins");
    }
  }
  return out;
}

Measurement measure_contacts(const Work& work, const ContactRate& what) {
  const bool by_period = what.per == ContactsPer::Period;
  if (by_period && what.period_ns <= 0)
    throw base::InvalidInput("the period of the contact rate is not above 0; expected a length such as '30d'");
  if (by_period && !work.options.by.window_starts_ns.empty()) {
    throw base::InvalidInput(
        "contacts per period and calendar windows do not go together: inside a window ask for contacts per customer");
  }
  const ContactRule rule = rule_of(work, what.contact);
  if (rule.touchpoints.empty()) {
    throw base::InvalidInput("contact_rate needs the touchpoints that are contacts: ContactRate(contacts=['call', …])");
  }
  const events::EventLog& log = work.log;
  const auto contacts = contacts_of(log, rule);
  const bool per_case = what.per == ContactsPer::Case;
  // Cases and customers count whether or not they made contact: the touchpoints choose contacts, not the denominator.
  Measurement out{group_events(log, work.options.by, per_case ? WindowOf::Case : WindowOf::Event,
                               touchpoint_mask(log, {}), work.cancellation),
                  "",
                  {}};
  out.unit = per_case ? "contacts per case" : by_period ? "contacts per customer and period" : "contacts per customer";
  const auto who = events::customers(log);
  const auto& cases = log.category(events::Role::Case).codes;
  const auto times = log.times();
  struct Unit {
    std::uint32_t unit = 0, customer = 0;
    double contacts = 0;
    std::int64_t first_ns = 0;
  };
  PerGroup<Unit> units(out.groups.count);
  for_each_case_group(log, out.groups, [&](std::size_t c, std::uint32_t g) {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    for (std::size_t k = log.case_offsets()[c]; k < log.case_offsets()[c + 1]; ++k) {
      if (out.groups.of_event[k] == g) first = std::min(first, times[k]);
    }
    units.add(g, {per_case ? static_cast<std::uint32_t>(c) : who.of_case[c], who.of_case[c], 0, first});
  });
  for (const Contact& contact : contacts) {
    const std::uint32_t g = out.groups.of_event[contact.event];
    units.add(g, {per_case ? cases[contact.event] : contact.customer, contact.customer, 1, contact.start_ns});
  }
  const std::int64_t until = log.observed_until_ns();
  fill(out, units, work, [&](std::span<const Unit> of_group) {
    std::vector<Unit> sorted(of_group.begin(), of_group.end());
    std::ranges::stable_sort(sorted, {}, &Unit::unit);
    std::vector<Observation> observations;
    for (std::size_t k = 0; k < sorted.size();) {
      Observation unit{sorted[k].customer, 0, 1};
      std::int64_t first = sorted[k].first_ns;
      const std::uint32_t same = sorted[k].unit;
      for (; k < sorted.size() && sorted[k].unit == same; ++k) {
        unit.value += sorted[k].contacts;
        first = std::min(first, sorted[k].first_ns);
      }
      if (by_period) unit.weight = static_cast<double>(elapsed_ns(first, until)) / static_cast<double>(what.period_ns);
      observations.push_back(unit);
    }
    Estimate rate = estimate_rate(observations, work.options.confidence);
    clip(rate, 0, std::numeric_limits<double>::infinity());
    return rate;
  });
  if (what.per == ContactsPer::Customer) warn_of_partial_windows(out, work);
  return out;
}

}  // namespace journeykit::metrics
