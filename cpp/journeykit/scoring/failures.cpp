#include "journeykit/scoring/failures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "journeykit/metrics/interval.hpp"
#include "journeykit/metrics/quantile.hpp"
#include "journeykit/scoring/contrast.hpp"
#include "journeykit/scoring/signs.hpp"

namespace journeykit::scoring {
namespace {

using events::CaseStatus;
using events::EventLog;

constexpr std::int64_t kWeekNs = 7LL * 86'400 * 1'000'000'000;
constexpr double kFalseDiscoveryShare = 0.05;
constexpr std::size_t kExamples = 3;

// Which closed cases stood at a step, and which of them met the failure.
struct Exposure {
  std::uint32_t touchpoint = 0;
  std::vector<std::uint32_t> cases;
  std::vector<std::uint8_t> met;
};

struct Input {
  const EventLog& log;
  const Signs& signs;
  const events::Customers& customers;
  const ScoreOptions& options;
  std::vector<std::uint8_t> completed;  // per case
  double closed_cases = 0;
};

// For every touchpoint the closed cases that were there; `met(c, k)` is asked for each of their visits.
template <class Met>
std::vector<Exposure> exposures(const Input& in, const Met& met) {
  std::vector<Exposure> out(in.log.touchpoint_names().size());
  for (std::uint32_t t = 0; t < out.size(); ++t) out[t].touchpoint = t;
  const auto offsets = in.log.case_offsets();
  const auto touchpoints = in.log.touchpoints();
  for (std::uint32_t c = 0; c < in.log.case_count(); ++c) {
    if (!closed(in.signs.status[c])) continue;
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      const std::optional<bool> now = met(c, k);
      if (!now) continue;
      Exposure& at = out[touchpoints[k]];
      if (at.cases.empty() || at.cases.back() != c) {
        at.cases.push_back(c);
        at.met.push_back(0);
      }
      if (*now) at.met.back() = 1;
    }
  }
  return out;
}

Failure describe(const Input& in, FailureKind kind, const Exposure& exposure, const Contrast& contrast) {
  Failure out;
  out.kind = kind;
  out.touchpoint = in.log.touchpoint_names()[exposure.touchpoint];
  out.reached = static_cast<std::int64_t>(exposure.cases.size());
  out.cases = contrast.exposed;
  out.customers = contrast.customers;
  out.share = static_cast<double>(out.cases) / static_cast<double>(out.reached);
  for (std::size_t k = 0; k < exposure.cases.size() && out.example_cases.size() < kExamples; ++k) {
    if (exposure.met[k] != 0 && in.completed[exposure.cases[k]] == 0)
      out.example_cases.push_back(in.log.case_id(exposure.cases[k]));
  }
  return out;
}

double weight_of(const Scorecard& card, Group group) {
  double weight = 0;
  for (const Contribution& contribution : card.journey.contributions) {
    if (contribution.group == group) weight += contribution.weight;
  }
  return weight;
}

// Points of the journey that a component loses at a touchpoint beyond the norm: the journey's average of the sign of
// friction, or of its whole experience (a question asked only where things go wrong must not be its own norm).
double excess_points(const Input& in, const Scorecard& card, std::uint32_t touchpoint, std::size_t component) {
  const Component& wanted = in.signs.components[component];
  const Contribution* mine = nullptr;
  double weight = 0, points = 0;
  for (const Contribution& c : card.journey.contributions) {
    const bool same = c.group == wanted.group && c.name == wanted.name;
    if (same) mine = &c;
    if (same || (c.group == wanted.group && wanted.group == Group::Experience)) {
      weight += c.weight;
      points += c.points;
    }
  }
  if (mine == nullptr) return 0;
  double bad = 0, n = 0;
  const auto touchpoints = in.log.touchpoints();
  for (std::size_t k = 0; k < touchpoints.size(); ++k) {
    const double b = touchpoints[k] == touchpoint ? in.signs.badness(component, k) : std::nan("");
    if (std::isnan(b)) continue;
    bad += b;
    n += 1;
  }
  const double norm = 1 - points / weight / 100;
  return std::max(0.0, 100 * mine->weight * (bad - norm * n) / static_cast<double>(mine->n));
}

// p of the sign being as frequent at this touchpoint as at all others.
double more_here(const Input& in, const std::vector<Exposure>& found, std::uint32_t touchpoint) {
  double here_met = 0, here = 0, others_met = 0, others = 0;
  for (const Exposure& exposure : found) {
    const auto met = static_cast<double>(std::ranges::count(exposure.met, 1));
    const auto n = static_cast<double>(exposure.met.size());
    (exposure.touchpoint == touchpoint ? here_met : others_met) += met;
    (exposure.touchpoint == touchpoint ? here : others) += n;
  }
  if (here == 0 || others == 0) return kUnknown;
  const double deff = static_cast<double>(in.log.case_count()) /
                      static_cast<double>(in.customers.count);  // cases of one customer as one
  return metrics::share_difference(others_met / deff, others / deff, here_met / deff, here / deff).p;
}

using Candidates = std::vector<Failure>;

// Compares completions between the cases that met the failure and the others at the same step.
void add_completion_failures(const Input& in, FailureKind kind, const std::vector<Exposure>& found, Candidates& out) {
  for (const Exposure& exposure : found) {
    if (exposure.cases.empty()) continue;
    const Contrast contrast = compare(in.customers, exposure.cases, exposure.met, in.completed, in.options.confidence);
    if (contrast.exposed == 0) continue;
    Failure failure = describe(in, kind, exposure, contrast);
    if (in.signs.has_completion && !std::isnan(contrast.difference)) {
      const auto n = static_cast<double>(contrast.exposed);
      failure.completed_share = contrast.exposed_share;
      failure.others_completed_share = contrast.other_share;
      failure.lost_completions = n * contrast.difference;
      failure.low = n * contrast.low;
      failure.high = n * contrast.high;
      failure.p = contrast.p;
    }
    out.push_back(std::move(failure));
  }
}

// Being lost at a step is not compared (nobody lost there completed): every case counts with the completed share of
// those who went on from the same step, and the interval is that of the product of both shares.
void add_drop_offs(const Input& in, Candidates& out) {
  if (!in.signs.has_places) return;
  const auto found = exposures(in, [&](std::uint32_t c, std::size_t k) -> std::optional<bool> {
    return in.signs.lost_at[c] == in.log.touchpoints()[k];
  });
  for (const Exposure& exposure : found) {
    if (exposure.cases.empty()) continue;
    const Loss loss = lost_here(in.customers, exposure.cases, exposure.met, in.completed, in.options.confidence);
    if (loss.lost == 0 || std::isnan(loss.completions)) continue;
    Contrast counts;
    counts.exposed = loss.lost;
    counts.customers = loss.customers;
    Failure failure = describe(in, FailureKind::DropOff, exposure, counts);
    failure.completed_share = 0;
    failure.others_completed_share = loss.others_share;
    failure.lost_completions = loss.completions;
    failure.low = loss.low;
    failure.high = loss.high;
    failure.p = loss.p;
    out.push_back(std::move(failure));
  }
}

// Cases that came to `touchpoint` from a step, against cases that went elsewhere from the same step. Every move counts
// with 1 / (moves of its case into the touchpoint), so that a case counts once.
void add_detours(const Input& in, Candidates& out) {
  if (!in.signs.has_completion) return;
  const auto offsets = in.log.case_offsets();
  const auto touchpoints = in.log.touchpoints();
  const std::size_t n = in.log.touchpoint_names().size();
  std::vector<std::vector<Move>> moves_from(n);
  for (std::uint32_t c = 0; c < in.log.case_count(); ++c) {
    if (!closed(in.signs.status[c])) continue;
    for (std::size_t k = offsets[c]; k + 1 < offsets[c + 1]; ++k) {
      if (touchpoints[k] != touchpoints[k + 1]) moves_from[touchpoints[k]].push_back({c, touchpoints[k + 1]});
    }
  }
  for (std::uint32_t t = 0; t < n; ++t) {
    const StratifiedContrast contrast = compare_moves(in.customers, moves_from, t, in.completed, in.options.confidence);
    if (contrast.cases.empty() || std::isnan(contrast.lost)) continue;
    Exposure exposure{t, contrast.cases, std::vector<std::uint8_t>(contrast.cases.size(), 1)};
    Contrast counts;
    counts.exposed = static_cast<std::int64_t>(contrast.cases.size());
    counts.customers = contrast.customers;
    Failure failure = describe(in, FailureKind::Detour, exposure, counts);
    failure.reached = contrast.standing;
    failure.share = static_cast<double>(failure.cases) / static_cast<double>(failure.reached);
    failure.completed_share = contrast.exposed_share;
    failure.others_completed_share = contrast.exposed_share + contrast.lost / static_cast<double>(failure.cases);
    failure.lost_completions = contrast.lost;
    failure.low = contrast.low;
    failure.high = contrast.high;
    failure.p = contrast.p;
    out.push_back(std::move(failure));
  }
}

std::optional<std::size_t> component_named(const Signs& signs, std::string_view name) {
  for (std::size_t k = 0; k < signs.components.size(); ++k) {
    if (signs.components[k].group == Group::Friction && signs.components[k].name == name) return k;
  }
  return std::nullopt;
}

// One kind of failure from one or more components: a visit meets it when any of them is bad there.
struct Signal {
  FailureKind kind;
  std::vector<std::size_t> components;
  double bad_from;  // badness from which a visit meets the failure
};

std::vector<Signal> signals(const Signs& signs) {
  std::vector<Signal> out;
  const auto of = [&](FailureKind kind, std::initializer_list<const char*> names) {
    Signal signal{kind, {}, 0.5};
    for (const char* name : names) {
      if (const auto k = component_named(signs, name)) signal.components.push_back(*k);
    }
    if (!signal.components.empty()) out.push_back(std::move(signal));
  };
  of(FailureKind::Repeat, {"repeat", "return"});
  of(FailureKind::Slow, {"wait"});
  of(FailureKind::HandOver, {"hand_over", "channel_switch"});
  for (std::size_t k = 0; k < signs.answers.size(); ++k) out.push_back({FailureKind::LowScore, {k}, 0.5 + 1e-9});
  return out;
}

void add_signals(const Input& in, const Scorecard& card, Candidates& out) {
  for (const Signal& signal : signals(in.signs)) {
    const auto found = exposures(in, [&](std::uint32_t, std::size_t k) -> std::optional<bool> {
      std::optional<bool> met;
      for (const std::size_t component : signal.components) {
        const double bad = in.signs.badness(component, k);
        if (!std::isnan(bad)) met = met.value_or(false) || bad >= signal.bad_from;
      }
      return met;
    });
    Candidates fresh;
    add_completion_failures(in, signal.kind, found, fresh);
    for (Failure& failure : fresh) {
      const auto& names = in.log.touchpoint_names();
      const auto t = static_cast<std::uint32_t>(std::ranges::lower_bound(names, failure.touchpoint) - names.begin());
      for (const std::size_t component : signal.components)
        failure.points_lost += excess_points(in, card, t, component);
      // Two ways to be a failure: it costs completions, or the sign is more frequent here than elsewhere (Bonferroni).
      const double costs = failure.lost_completions > 0 ? failure.p : kUnknown;
      failure.p = std::min(1.0, 2 * std::fmin(costs, more_here(in, found, t)));
      out.push_back(std::move(failure));
    }
  }
}

// Does a customer come back with a new case soon after a case that was at the touchpoint, more than after others?
void add_repeat_contacts(const Input& in, Candidates& out) {
  if (!in.log.has(events::Role::Customer)) return;
  const std::int64_t within = in.options.repeat_within_ns.value_or(kWeekNs);
  const auto came_back = cases_followed(in.log, in.customers, within);
  const auto offsets = in.log.case_offsets();
  const auto touchpoints = in.log.touchpoints();
  std::vector<std::uint32_t> known;  // closed long enough for a repeat to be seen, or already repeated
  for (std::uint32_t c = 0; c < in.log.case_count(); ++c) {
    const std::int64_t since = in.log.observed_until_ns() - in.log.times()[offsets[c + 1] - 1];
    if (closed(in.signs.status[c]) && since >= within) known.push_back(c);
  }
  std::vector<std::uint8_t> was_here(in.log.case_count());
  for (std::uint32_t t = 0; t < in.log.touchpoint_names().size(); ++t) {
    Exposure exposure{t, known, {}};
    for (const std::uint32_t c : known) {
      const auto begin = touchpoints.begin() + static_cast<std::ptrdiff_t>(offsets[c]);
      const auto end = touchpoints.begin() + static_cast<std::ptrdiff_t>(offsets[c + 1]);
      exposure.met.push_back(std::find(begin, end, t) != end ? 1 : 0);
    }
    if (exposure.cases.empty()) continue;
    const Contrast contrast = compare(in.customers, exposure.cases, exposure.met, came_back, in.options.confidence);
    if (contrast.exposed == 0 || std::isnan(contrast.difference) || contrast.difference >= 0)
      continue;  // difference = others − these
    Failure failure = describe(in, FailureKind::RepeatContact, exposure, contrast);
    failure.excess_repeats = -contrast.difference * static_cast<double>(contrast.exposed);
    failure.p = contrast.p;
    out.push_back(std::move(failure));
  }
}

}  // namespace

std::string_view to_string(FailureKind kind) {
  constexpr std::array<std::string_view, 7> names = {"drop_off",  "detour",    "repeat",        "slow",
                                                     "low_score", "hand_over", "repeat_contact"};
  return names[static_cast<std::size_t>(kind)];
}

std::vector<Failure> find_failures(const journey::JourneyMap& map, const EventLog& log, const ScoreOptions& options,
                                   const base::Cancellation& cancellation) {
  const Scorecard card = score(map, log, options, cancellation);
  const Signs signs = read_signs(map, log, card.options);
  const events::Customers customers = events::customers(log);
  Input in{log, signs, customers, card.options, {}, 0};
  for (const CaseStatus status : signs.status) {
    in.completed.push_back(status == CaseStatus::Completed ? 1 : 0);
    in.closed_cases += closed(status) ? 1 : 0;
  }
  Candidates candidates;
  add_drop_offs(in, candidates);
  cancellation.check();
  add_detours(in, candidates);
  cancellation.check();
  add_signals(in, card, candidates);
  cancellation.check();
  add_repeat_contacts(in, candidates);

  std::vector<double> p;
  for (const Failure& failure : candidates) p.push_back(failure.p);
  const auto adjusted = metrics::benjamini_hochberg(p);
  const double completion_weight = weight_of(card, Group::Completion);
  const double friction_weight = weight_of(card, Group::Friction);
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    Failure& failure = candidates[k];
    failure.adjusted_p = adjusted[k];
    if (failure.lost_completions > 0)
      failure.points_lost += 100 * completion_weight * failure.lost_completions / in.closed_cases;
    if (failure.excess_repeats > 0)
      failure.points_lost += 100 * friction_weight * failure.excess_repeats / in.closed_cases;
    const bool proven = !std::isnan(failure.adjusted_p) && failure.adjusted_p <= kFalseDiscoveryShare &&
                        failure.cases >= options.minimum_n;
    failure.evidence = proven ? journey::Evidence::Observed : journey::Evidence::PartlyObserved;
  }
  std::erase_if(candidates, [](const Failure& failure) { return failure.points_lost <= 0; });
  std::ranges::stable_sort(candidates, [](const Failure& a, const Failure& b) {
    if (a.evidence != b.evidence) return a.evidence > b.evidence;
    if (a.points_lost != b.points_lost) return a.points_lost > b.points_lost;
    if (a.touchpoint != b.touchpoint) return a.touchpoint < b.touchpoint;
    return a.kind < b.kind;
  });
  return candidates;
}

}  // namespace journeykit::scoring
