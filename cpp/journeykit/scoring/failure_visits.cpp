#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "journeykit/base/parallel.hpp"
#include "journeykit/metrics/interval.hpp"
#include "journeykit/scoring/detail_failures.hpp"

namespace journeykit::scoring {
namespace {

constexpr std::int64_t kWeekNs = 7LL * 86'400 * 1'000'000'000;
constexpr std::size_t kExamples = 3;

// What every visit of a step is asked: does it tell, and does it meet the failure? One or more signs answer together: a
// visit meets the failure when any of them is bad there. A drop-off has no signs: it asks whether the case was lost.
struct Question {
  FailureKind kind;
  std::vector<std::size_t> components;
  double bad_from;  // badness from which a visit meets the failure
};

std::optional<std::size_t> component_named(const Signs& signs, std::string_view name) {
  for (std::size_t k = 0; k < signs.components.size(); ++k) {
    if (signs.components[k].group == Group::Friction && signs.components[k].name == name) return k;
  }
  return std::nullopt;
}

std::vector<Question> questions(const Signs& signs) {
  std::vector<Question> out;
  const auto of = [&](FailureKind kind, std::initializer_list<const char*> names) {
    Question question{kind, {}, 0.5};
    for (const char* name : names) {
      if (const auto k = component_named(signs, name)) question.components.push_back(*k);
    }
    if (!question.components.empty()) out.push_back(std::move(question));
  };
  of(FailureKind::Repeat, {"repeat", "return"});
  of(FailureKind::Slow, {"wait"});
  of(FailureKind::HandOver, {"hand_over", "channel_switch"});
  for (std::size_t k = 0; k < signs.answers.size(); ++k) out.push_back({FailureKind::LowScore, {k}, 0.5 + 1e-9});
  if (signs.has_places) out.push_back({FailureKind::DropOff, {}, 0});
  return out;
}

// The answers of a visit, two bits to a question: it tells, and it meets the failure.
using Marks = std::uint32_t;
constexpr std::size_t kAtOnce = 16;
constexpr Marks kTells = 1, kMeets = 2;

class Marker {
 public:
  Marker(const FailureInput& in, std::span<const Question> asked) : in_(in), touchpoints_(in.log.touchpoints()) {
    for (std::size_t q = 0; q < asked.size(); ++q) {
      const auto shift = static_cast<unsigned>(2 * q);
      if (asked[q].kind == FailureKind::DropOff) lost_shift_ = shift;
      for (const std::size_t component : asked[q].components) {
        if (component < in.signs.answers.size()) {
          answers_.push_back({in.signs.answers[component].values, component, asked[q].bad_from, shift});
        } else {
          flags_.push_back({in.signs.friction[component - in.signs.answers.size()], shift});
        }
      }
    }
  }
  Marks of(std::uint32_t c, std::size_t k) const {
    static_assert(kNotSeen == 2);
    constexpr std::array<Marks, 3> of_flag = {kTells, kTells | kMeets, 0};
    Marks out = 0;
    for (const Flags& sign : flags_) out |= of_flag[sign.of_event[k]] << sign.shift;
    for (const Scale& scale : answers_) {
      if (std::isnan(scale.values[k])) continue;
      const double bad = in_.signs.badness(scale.component, k);
      if (!std::isnan(bad)) out |= (bad >= scale.bad_from ? kTells | kMeets : kTells) << scale.shift;
    }
    if (lost_shift_) out |= (in_.signs.lost_at[c] == touchpoints_[k] ? kTells | kMeets : kTells) << *lost_shift_;
    return out;
  }

 private:
  struct Flags {
    std::span<const std::uint8_t> of_event;
    unsigned shift;
  };
  struct Scale {
    std::span<const double> values;
    std::size_t component;
    double bad_from;
    unsigned shift;
  };
  const FailureInput& in_;
  std::span<const std::uint32_t> touchpoints_;
  std::vector<Flags> flags_;
  std::vector<Scale> answers_;
  std::optional<unsigned> lost_shift_;
};

// The closed cases that were at a step, ascending, and what all of their visits there say.
struct Visits {
  std::vector<std::uint32_t> cases;
  std::vector<Marks> marks;
};
using Stretch = std::vector<Visits>;  // of some cases, by touchpoint

std::vector<Stretch> read_visits(const FailureInput& in, std::span<const Question> asked) {
  const std::size_t steps = in.log.touchpoint_names().size();
  const std::size_t cases_at_once = std::max<std::size_t>(16'384, 16 * steps);
  std::vector<Stretch> out((in.log.case_count() + cases_at_once - 1) / cases_at_once);
  const auto offsets = in.log.case_offsets();
  const auto touchpoints = in.log.touchpoints();
  const Marker marker(in, asked);
  base::parallel_for(in.log.case_count(), cases_at_once, in.threads, in.cancellation,
                     [&](std::size_t begin, std::size_t end) {
                       Stretch& stretch = out[begin / cases_at_once];
                       stretch.resize(steps);
                       constexpr std::uint32_t between_checks = 4096;
                       for (auto c = static_cast<std::uint32_t>(begin); c < end; ++c) {
                         if (c % between_checks == 0) in.cancellation.check();
                         if (!closed(in.signs.status[c])) continue;
                         for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
                           Visits& at = stretch[touchpoints[k]];
                           const Marks marks = marker.of(c, k);
                           if (at.cases.empty() || at.cases.back() != c) {
                             at.cases.push_back(c);
                             at.marks.push_back(marks);
                           } else {
                             at.marks.back() |= marks;
                           }
                         }
                       }
                     });
  return out;
}

// The cases whose visits of the touchpoint tell something about question `q`.
Exposure exposure_of(const std::vector<Stretch>& stretches, std::uint32_t touchpoint, std::size_t q) {
  std::size_t most = 0;
  for (const Stretch& stretch : stretches) most += stretch[touchpoint].cases.size();
  Exposure out{touchpoint, std::vector<std::uint32_t>(most), std::vector<std::uint8_t>(most)};
  std::size_t n = 0;
  for (const Stretch& stretch : stretches) {
    const Visits& visits = stretch[touchpoint];
    for (std::size_t k = 0; k < visits.cases.size(); ++k) {
      const Marks marks = visits.marks[k] >> 2 * q;
      out.cases[n] = visits.cases[k];
      out.met[n] = (marks & kMeets) != 0 ? 1 : 0;
      n += marks & kTells;
    }
  }
  out.cases.resize(n);
  out.met.resize(n);
  return out;
}

events::GroupSums loss_by_group(const FailureInput& in, const Exposure& exposure, std::span<const std::uint8_t> good) {
  LossTally tally(in.groups.count);
  for (std::size_t k = 0; k < exposure.cases.size(); ++k) {
    const std::uint32_t c = exposure.cases[k];
    tally.add(in.group_of_case[c], exposure.met[k] != 0, 1, good[c] != 0);
  }
  events::GroupSums out;
  tally.append_to(out);
  return out;
}

// Compares completions between the cases that met the failure and the others at the same step.
std::optional<Candidate> completion_failure(const FailureInput& in, FailureKind kind, const Exposure& exposure) {
  const Contrast contrast = compare(in.customers, exposure.cases, exposure.met, in.completed, in.options.confidence);
  if (contrast.exposed == 0) return std::nullopt;
  Failure failure = describe(in, kind, exposure, contrast.exposed, contrast.customers);
  if (in.signs.has_completion && !std::isnan(contrast.difference)) {
    const auto n = static_cast<double>(contrast.exposed);
    failure.completed_share = contrast.exposed_share;
    failure.others_completed_share = contrast.other_share;
    failure.lost_completions = n * contrast.difference;
    failure.low = n * contrast.low;
    failure.high = n * contrast.high;
    failure.p = contrast.p;
  }
  return Candidate{std::move(failure), exposure.touchpoint, {}, loss_by_group(in, exposure, in.completed)};
}

// Being lost at a step is not compared (nobody lost there completed): every case counts with the completed share of
// those who went on from the same step, and the interval is that of the product of both shares.
std::optional<Candidate> drop_off(const FailureInput& in, const Exposure& exposure) {
  const Loss loss = lost_here(in.customers, exposure.cases, exposure.met, in.completed, in.options.confidence);
  if (loss.lost == 0 || std::isnan(loss.completions)) return std::nullopt;
  Failure failure = describe(in, FailureKind::DropOff, exposure, loss.lost, loss.customers);
  failure.completed_share = 0;
  failure.others_completed_share = loss.others_share;
  failure.lost_completions = loss.completions;
  failure.low = loss.low;
  failure.high = loss.high;
  failure.p = loss.p;
  return Candidate{std::move(failure), exposure.touchpoint, {}, loss_by_group(in, exposure, in.completed)};
}

// What came of one question at one touchpoint.
struct Asked {
  double met = 0, n = 0;  // cases
  std::optional<Candidate> found;
};

Asked ask(const FailureInput& in, const Question& question, const Exposure& exposure) {
  Asked out;
  if (exposure.cases.empty()) return out;
  out.n = static_cast<double>(exposure.met.size());
  out.met = static_cast<double>(std::ranges::count(exposure.met, 1));
  if (question.kind == FailureKind::DropOff) {
    out.found = drop_off(in, exposure);
  } else {
    out.found = completion_failure(in, question.kind, exposure);
  }
  return out;
}

// p of the sign being as frequent at this touchpoint as at all others.
double more_here(const FailureInput& in, const Asked& here, const Asked& everywhere) {
  const double others = everywhere.n - here.n;
  if (here.n == 0 || others == 0) return kUnknown;
  const double deff = static_cast<double>(in.log.case_count()) /
                      static_cast<double>(in.customers.count);  // cases of one customer as one
  return metrics::share_difference((everywhere.met - here.met) / deff, others / deff, here.met / deff, here.n / deff).p;
}

// Two ways to be a failure: it costs completions, or the sign is more frequent here than elsewhere (Bonferroni).
void look_elsewhere(const FailureInput& in, const Question& question, std::span<Asked> by_touchpoint) {
  Asked everywhere;
  for (const Asked& here : by_touchpoint) {
    everywhere.met += here.met;
    everywhere.n += here.n;
  }
  for (Asked& here : by_touchpoint) {
    if (!here.found) continue;
    here.found->components = question.components;
    Failure& failure = here.found->failure;
    const double costs = failure.lost_completions > 0 ? failure.p : kUnknown;
    failure.p = std::min(1.0, 2 * std::fmin(costs, more_here(in, here, everywhere)));
  }
}

// Closed cases after which a repeat has been seen or would have been, ascending.
std::vector<std::uint32_t> long_closed(const FailureInput& in, std::int64_t within_ns) {
  const auto offsets = in.log.case_offsets();
  const auto times = in.log.times();
  std::vector<std::uint32_t> out;
  for (std::uint32_t c = 0; c < in.log.case_count(); ++c) {
    const std::int64_t since = in.log.observed_until_ns() - times[offsets[c + 1] - 1];
    if (closed(in.signs.status[c]) && since >= within_ns) out.push_back(c);
  }
  return out;
}

// Does a customer come back with a new case soon after a case that was at the touchpoint, more than after others?
std::vector<Asked> repeat_contacts(const FailureInput& in, const std::vector<Stretch>& stretches) {
  std::vector<Asked> out(in.log.touchpoint_names().size());
  const std::int64_t within = in.options.repeat_within_ns.value_or(kWeekNs);
  const auto came_back = cases_followed(in.log, in.customers, within);
  const std::vector<std::uint32_t> known = long_closed(in, within);
  if (known.empty()) return out;
  base::parallel_for(out.size(), 1, in.threads, in.cancellation, [&](std::size_t t, std::size_t) {
    std::vector<std::uint8_t> was_here(in.log.case_count());
    for (const Stretch& stretch : stretches) {
      for (const std::uint32_t c : stretch[t].cases) was_here[c] = 1;
    }
    Exposure exposure{static_cast<std::uint32_t>(t), known, {}};
    exposure.met.reserve(known.size());
    for (const std::uint32_t c : known) exposure.met.push_back(was_here[c]);
    const Contrast contrast = compare(in.customers, exposure.cases, exposure.met, came_back, in.options.confidence);
    if (contrast.exposed == 0 || std::isnan(contrast.difference) || contrast.difference >= 0)
      return;  // difference = others − these
    Failure failure = describe(in, FailureKind::RepeatContact, exposure, contrast.exposed, contrast.customers);
    failure.excess_repeats = -contrast.difference * static_cast<double>(contrast.exposed);
    failure.p = contrast.p;
    out[t].found = Candidate{std::move(failure), exposure.touchpoint, {}, loss_by_group(in, exposure, came_back)};
  });
  return out;
}

}  // namespace

void LossTally::append_to(events::GroupSums& sums) {
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

Failure describe(const FailureInput& in, FailureKind kind, const Exposure& exposure, std::int64_t met,
                 std::int64_t customers) {
  Failure out;
  out.kind = kind;
  out.touchpoint = in.log.touchpoint_names()[exposure.touchpoint];
  out.reached = static_cast<std::int64_t>(exposure.cases.size());
  out.cases = met;
  out.customers = customers;
  out.share = static_cast<double>(out.cases) / static_cast<double>(out.reached);
  for (std::size_t k = 0; k < exposure.cases.size() && out.example_cases.size() < kExamples; ++k) {
    if (exposure.met[k] != 0 && in.completed[exposure.cases[k]] == 0)
      out.example_cases.push_back(in.log.case_id(exposure.cases[k]));
  }
  return out;
}

Candidates visit_failures(const FailureInput& in) {
  const std::vector<Question> wanted = questions(in.signs);
  const std::size_t steps = in.log.touchpoint_names().size();
  std::vector<Asked> found(wanted.size() * steps);  // by question, then touchpoint
  std::vector<Asked> repeats;
  for (std::size_t first = 0; first < wanted.size(); first += kAtOnce) {
    const auto asked = std::span(wanted).subspan(first, std::min(kAtOnce, wanted.size() - first));
    const std::vector<Stretch> stretches = read_visits(in, asked);
    base::parallel_for(asked.size() * steps, 1, in.threads, in.cancellation, [&](std::size_t k, std::size_t) {
      const std::size_t q = k / steps;
      found[first * steps + k] = ask(in, asked[q], exposure_of(stretches, static_cast<std::uint32_t>(k % steps), q));
    });
    if (first == 0 && in.log.has(events::Role::Customer)) repeats = repeat_contacts(in, stretches);
  }
  for (std::size_t q = 0; q < wanted.size(); ++q) {
    if (wanted[q].kind == FailureKind::DropOff) continue;
    look_elsewhere(in, wanted[q], std::span(found).subspan(q * steps, steps));
  }
  std::ranges::move(repeats, std::back_inserter(found));
  Candidates out;
  for (Asked& some : found) {
    if (some.found) out.push_back(std::move(*some.found));
  }
  return out;
}

}  // namespace journeykit::scoring
