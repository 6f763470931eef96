#include "journeykit/scoring/failures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/metrics/interval.hpp"
#include "journeykit/scoring/contrast.hpp"
#include "journeykit/scoring/detail_failures.hpp"
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
  const events::CustomerGroups& groups;
  const base::Cancellation& cancellation;
  std::vector<std::uint32_t> group_of_case;
  std::vector<std::uint8_t> completed;  // per case
};

// For every touchpoint the closed cases that were there; `met(c, k)` is asked for each of their visits.
template <class Met>
std::vector<Exposure> exposures(const Input& in, const Met& met) {
  std::vector<Exposure> out(in.log.touchpoint_names().size());
  for (std::uint32_t t = 0; t < out.size(); ++t) out[t].touchpoint = t;
  const auto offsets = in.log.case_offsets();
  const auto touchpoints = in.log.touchpoints();
  constexpr std::uint32_t between_checks = 4096;
  for (std::uint32_t c = 0; c < in.log.case_count(); ++c) {
    if (c % between_checks == 0) in.cancellation.check();
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

// Counts of one stratum by group of customers.
class LossTally {
 public:
  explicit LossTally(std::size_t groups) : counts_(groups) {}
  void add(std::uint32_t group, bool met, double weight, bool good) {
    std::array<double, kLossFeatures>& counts = counts_[group];
    counts[met ? kMet : kOthers] += weight;
    if (good) counts[met ? kMetGood : kOthersGood] += weight;
  }
  // Appends the four features and starts again.
  void append_to(events::GroupSums& sums) {
    if (sums.offsets.empty()) sums.offsets.push_back(0);
    for (std::size_t f = 0; f < kLossFeatures; ++f) {
      for (std::uint32_t g = 0; g < counts_.size(); ++g) {
        if (counts_[g][f] == 0) continue;
        sums.groups.push_back(g);
        sums.values.push_back(counts_[g][f]);
      }
      sums.offsets.push_back(sums.groups.size());
    }
    std::ranges::fill(counts_, std::array<double, kLossFeatures>{});
  }

 private:
  std::vector<std::array<double, kLossFeatures>> counts_;
};

events::GroupSums loss_by_group(const Input& in, const Exposure& exposure, std::span<const std::uint8_t> good) {
  LossTally tally(in.groups.count);
  for (std::size_t k = 0; k < exposure.cases.size(); ++k) {
    const std::uint32_t c = exposure.cases[k];
    tally.add(in.group_of_case[c], exposure.met[k] != 0, 1, good[c] != 0);
  }
  events::GroupSums out;
  tally.append_to(out);
  return out;
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

using Candidates = std::vector<Candidate>;

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
    out.push_back({std::move(failure), exposure.touchpoint, {}, loss_by_group(in, exposure, in.completed)});
  }
}

// Being lost at a step is not compared (nobody lost there completed): every case counts with the completed share of
// those who went on from the same step, and the interval is that of the product of both shares.
void add_drop_offs(const Input& in, Candidates& out) {
  if (!in.signs.has_places) return;
  const auto touchpoints = in.log.touchpoints();
  const auto found = exposures(
      in, [&](std::uint32_t c, std::size_t k) -> std::optional<bool> { return in.signs.lost_at[c] == touchpoints[k]; });
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
    out.push_back({std::move(failure), exposure.touchpoint, {}, loss_by_group(in, exposure, in.completed)});
  }
}

// Cases that came to `touchpoint` from a step, against cases that went elsewhere from the same step. Every move counts
// with 1 / (moves of its case into the touchpoint), so that a case counts once.
void add_detours(const Input& in, unsigned threads, Candidates& out) {
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
  std::vector<Candidates> found(n);
  base::parallel_for(n, 1, threads, in.cancellation, [&](std::size_t target, std::size_t) {
    const auto t = static_cast<std::uint32_t>(target);
    LossTally tally(in.groups.count);
    const StratifiedContrast contrast = compare_moves(in.customers, moves_from, t, in.completed, in.options.confidence);
    if (contrast.cases.empty() || std::isnan(contrast.lost)) return;
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
    Candidate candidate{std::move(failure), t, {}, {}};
    for (const Stratum& stratum : contrast.strata) {
      for (const std::uint32_t c : stratum.exposed)
        tally.add(in.group_of_case[c], true, contrast.weight[c], in.completed[c] != 0);
      for (const std::uint32_t c : stratum.others) tally.add(in.group_of_case[c], false, 1, in.completed[c] != 0);
      tally.append_to(candidate.loss);
    }
    found[t].push_back(std::move(candidate));
  });
  for (Candidates& some : found) std::ranges::move(some, std::back_inserter(out));
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

void add_signal(const Input& in, const Signal& signal, Candidates& out) {
  const auto found = exposures(in, [&](std::uint32_t, std::size_t k) -> std::optional<bool> {
    std::optional<bool> met;
    for (const std::size_t component : signal.components) {
      const double bad = in.signs.badness(component, k);
      if (!std::isnan(bad)) met = met.value_or(false) || bad >= signal.bad_from;
    }
    return met;
  });
  add_completion_failures(in, signal.kind, found, out);
  for (Candidate& candidate : out) {
    Failure& failure = candidate.failure;
    candidate.components = signal.components;
    // Two ways to be a failure: it costs completions, or the sign is more frequent here than elsewhere (Bonferroni).
    const double costs = failure.lost_completions > 0 ? failure.p : kUnknown;
    failure.p = std::min(1.0, 2 * std::fmin(costs, more_here(in, found, candidate.touchpoint)));
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
    out.push_back({std::move(failure), t, {}, loss_by_group(in, exposure, came_back)});
  }
}

}  // namespace

std::string_view to_string(FailureKind kind) {
  constexpr std::array<std::string_view, 7> names = {"drop_off",  "detour",    "repeat",        "slow",
                                                     "low_score", "hand_over", "repeat_contact"};
  return names[static_cast<std::size_t>(kind)];
}

PointWeights point_weights(const Signs& signs, const Scorecard& card) {
  PointWeights out;
  out.component.assign(signs.components.size(), 0);
  for (const Contribution& contribution : card.journey.contributions) {
    if (contribution.group == Group::Completion) out.completion += contribution.weight;
    if (contribution.group == Group::Friction) out.friction += contribution.weight;
    for (std::size_t k = 0; k < signs.components.size(); ++k) {
      if (signs.components[k].group == contribution.group && signs.components[k].name == contribution.name)
        out.component[k] = contribution.weight;
    }
  }
  return out;
}

double excess_points(const Signs& signs, const PointWeights& weights, std::size_t component, Bad here,
                     std::span<const Bad> journey) {
  const Group group = signs.components[component].group;
  double weight = 0, bad = 0;
  for (std::size_t c = 0; c < journey.size(); ++c) {
    const bool counts = c == component || (group == Group::Experience && signs.components[c].group == group);
    if (!counts || weights.component[c] == 0 || !(journey[c].n > 0)) continue;
    weight += weights.component[c];
    bad += weights.component[c] * journey[c].bad / journey[c].n;
  }
  if (weights.component[component] == 0 || !(journey[component].n > 0)) return 0;
  return std::max(0.0, 100 * weights.component[component] * (here.bad - bad / weight * here.n) / journey[component].n);
}

BadnessSums sum_badness(const EventLog& log, const Signs& signs, const events::CustomerGroups& groups,
                        const base::Cancellation& cancellation) {
  BadnessSums out;
  out.components = signs.seen_per_event();
  const std::size_t features = 2 * log.touchpoint_names().size() * out.components + 1;
  const auto offsets = log.case_offsets();
  const auto touchpoints = log.touchpoints();
  const auto make_reader = [&]() -> events::GroupReader {
    return [&](std::size_t g, events::GroupTally& tally) {
      for (const std::uint32_t c : groups.cases_of(g)) {
        if (closed(signs.status[c])) tally.add(features - 1, 1);
        for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
          const std::uint32_t t = touchpoints[k];
          for (std::size_t component = 0; component < signs.answers.size(); ++component) {
            const double bad = signs.badness(component, k);
            if (std::isnan(bad)) continue;
            tally.add(out.seen(t, component), 1);
            if (bad != 0) tally.add(out.bad(t, component), bad);
          }
          for (std::size_t sign = 0; sign < signs.friction.size(); ++sign) {
            const std::uint8_t flag = signs.friction[sign][k];
            if (flag == kNotSeen) continue;
            tally.add(out.seen(t, signs.answers.size() + sign), 1);
            if (flag != 0) tally.add(out.bad(t, signs.answers.size() + sign), 1);
          }
        }
      }
    };
  };
  out.sums = events::sum_groups(groups, features, 0, cancellation, make_reader);
  for (std::size_t f = 0; f < features; ++f) {
    const std::size_t begin = out.sums.offsets[f];
    const auto values = std::span(out.sums.values).subspan(begin, out.sums.offsets[f + 1] - begin);
    out.totals.push_back(std::accumulate(values.begin(), values.end(), 0.0));
  }
  return out;
}

namespace {

void check(const RankOptions& options) {
  constexpr std::size_t fewest = 100, most = 1'000'000;
  if (options.replicates < fewest || options.replicates > most)
    throw base::InvalidInput("replicates is " + std::to_string(options.replicates) + "; expected 100 to 1,000,000");
  if (options.top < 1) throw base::InvalidInput("top is " + std::to_string(options.top) + "; expected 1 or more");
}

// Every kind of failure, one after the other; kinds that need one pass over the log each run side by side.
Candidates all_candidates(const Input& in, unsigned threads) {
  const std::vector<Signal> wanted = signals(in.signs);
  std::vector<Candidates> of_kind(wanted.size() + 2);
  base::parallel_for(of_kind.size(), 1, threads, in.cancellation, [&](std::size_t k, std::size_t) {
    if (k < wanted.size()) {
      add_signal(in, wanted[k], of_kind[k]);
    } else if (k == wanted.size()) {
      add_drop_offs(in, of_kind[k]);
    } else {
      add_repeat_contacts(in, of_kind[k]);
    }
  });
  Candidates out;
  for (Candidates& some : of_kind) std::ranges::move(some, std::back_inserter(out));
  add_detours(in, threads, out);
  return out;
}

void price(Candidates& candidates, const Input& in, const PointWeights& weights, const BadnessSums& badness) {
  std::vector<Bad> journey(badness.components);
  for (std::size_t c = 0; c < badness.components; ++c) {
    for (std::size_t t = 0; t < in.log.touchpoint_names().size(); ++t) {
      journey[c].bad += badness.totals[badness.bad(t, c)];
      journey[c].n += badness.totals[badness.seen(t, c)];
    }
  }
  const double closed_cases = badness.totals[badness.closed_cases()];
  std::vector<double> p;
  for (const Candidate& candidate : candidates) p.push_back(candidate.failure.p);
  const auto adjusted = metrics::benjamini_hochberg(p);
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    Failure& failure = candidates[k].failure;
    failure.adjusted_p = adjusted[k];
    const std::uint32_t t = candidates[k].touchpoint;
    for (const std::size_t component : candidates[k].components) {
      const Bad here{badness.totals[badness.bad(t, component)], badness.totals[badness.seen(t, component)]};
      failure.points_lost += excess_points(in.signs, weights, component, here, journey);
    }
    if (failure.lost_completions > 0)
      failure.points_lost += 100 * weights.completion * failure.lost_completions / closed_cases;
    if (failure.excess_repeats > 0)
      failure.points_lost += 100 * weights.friction * failure.excess_repeats / closed_cases;
    const bool proven = !std::isnan(failure.adjusted_p) && failure.adjusted_p <= kFalseDiscoveryShare &&
                        failure.cases >= in.options.minimum_n;
    failure.evidence = proven ? journey::Evidence::Observed : journey::Evidence::PartlyObserved;
  }
}

}  // namespace

std::vector<Failure> find_failures(const Scorecard& card, const journey::JourneyMap& map, const EventLog& log,
                                   const RankOptions& ranks, const base::Cancellation& cancellation) {
  check(ranks);
  const Signs signs = read_signs(map, log, card.options);
  const events::Customers customers = events::customers(log);
  const events::CustomerGroups groups = events::customer_groups(log, ranks.groups, ranks.seed);
  Input in{log, signs, customers, card.options, groups, cancellation, std::vector<std::uint32_t>(log.case_count()), {}};
  for (std::size_t g = 0; g < groups.count; ++g) {
    for (const std::uint32_t c : groups.cases_of(g)) in.group_of_case[c] = static_cast<std::uint32_t>(g);
  }
  for (const CaseStatus status : signs.status) in.completed.push_back(status == CaseStatus::Completed ? 1 : 0);
  Candidates candidates = all_candidates(in, ranks.threads);
  const PointWeights weights = point_weights(signs, card);
  const BadnessSums badness = sum_badness(log, signs, groups, cancellation);
  price(candidates, in, weights, badness);
  std::erase_if(candidates, [](const Candidate& candidate) { return candidate.failure.points_lost <= 0; });
  std::ranges::stable_sort(candidates, [](const Candidate& one, const Candidate& other) {
    const Failure &a = one.failure, &b = other.failure;
    if (a.evidence != b.evidence) return a.evidence > b.evidence;
    if (a.points_lost != b.points_lost) return a.points_lost > b.points_lost;
    if (a.touchpoint != b.touchpoint) return a.touchpoint < b.touchpoint;
    return a.kind < b.kind;
  });
  add_ranks(candidates, signs, weights, badness, groups.customers, ranks, card.options.confidence, cancellation);
  std::vector<Failure> out;
  for (Candidate& candidate : candidates) out.push_back(std::move(candidate.failure));
  return out;
}

}  // namespace journeykit::scoring
