#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/metrics/interval.hpp"
#include "journeykit/scoring/detail_failures.hpp"

namespace journeykit::scoring {
namespace {

using events::EventLog;

constexpr double kFalseDiscoveryShare = 0.05;

// What the signs of friction say of each event, two bits to a sign, and whether there is any answer: the cases of a
// group lie anywhere in the log, so that every column that is looked at costs a way to memory.
using Code = std::uint16_t;
constexpr std::size_t kMostSigns = 7;
constexpr Code kAnswered = Code{1} << (2 * kMostSigns);

std::vector<Code> codes_of_events(const EventLog& log, const Signs& signs, unsigned threads,
                                  const base::Cancellation& cancellation) {
  if (signs.friction.size() > kMostSigns)
    throw base::Unsupported(std::to_string(signs.friction.size()) + " signs of friction; expected at most 7");
  std::vector<Code> out(log.event_count(), 0);
  constexpr std::size_t at_once = 16'384;
  base::parallel_for(out.size(), at_once, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t sign = 0; sign < signs.friction.size(); ++sign) {
      const std::uint8_t* flags = signs.friction[sign].data();
      for (std::size_t k = begin; k < end; ++k) out[k] = static_cast<Code>(out[k] | flags[k] << (2 * sign));
    }
    for (const Answers& answers : signs.answers) {
      for (std::size_t k = begin; k < end; ++k) {
        if (!std::isnan(answers.values[k])) out[k] |= kAnswered;
      }
    }
  });
  return out;
}

// Badness of the visits of one group after the other.
class BadnessReader {
 public:
  BadnessReader(const EventLog& log, const Signs& signs, const events::CustomerGroups& groups, const BadnessSums& of,
                std::span<const Code> codes)
      : signs_(signs),
        groups_(groups),
        of_(of),
        offsets_(log.case_offsets()),
        touchpoints_(log.touchpoints()),
        codes_(codes),
        flags_(log.touchpoint_names().size() * signs.friction.size()),
        met_(log.touchpoint_names().size(), 0) {}

  void read(std::size_t group, events::GroupTally& tally) {
    std::size_t closed_cases = 0;
    const auto cases = groups_.cases_of(group);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const std::uint32_t c = cases[i];
      if (i + 2 * kAhead < cases.size()) fetch(offsets_.subspan(cases[i + 2 * kAhead], 2));
      if (i + kAhead < cases.size()) fetch_events(cases[i + kAhead]);
      closed_cases += closed(signs_.status[c]) ? 1 : 0;
      for (std::size_t k = offsets_[c]; k < offsets_[c + 1]; ++k) {
        if ((codes_[k] & kAnswered) != 0) add_answers(k, tally);
        count_flags(k);
      }
    }
    if (closed_cases > 0) tally.add(of_.bad(met_.size(), 0), static_cast<double>(closed_cases));
    add_flags(tally);
  }

 private:
  static constexpr std::size_t kAhead = 16;  // cases between asking for what is said of one and using it
  template <class T>
  static void fetch([[maybe_unused]] std::span<const T> wanted) {
#if defined(__GNUC__)
    constexpr std::size_t at_once = 64 / sizeof(T);  // in a line of the cache
    for (std::size_t k = 0; k < wanted.size(); k += at_once) __builtin_prefetch(wanted.data() + k);
#endif
  }
  void fetch_events(std::uint32_t c) const {
    const std::size_t k = offsets_[c], n = std::min<std::size_t>(offsets_[c + 1] - k, 32);
    fetch(touchpoints_.subspan(k, n));
    fetch(codes_.subspan(k, n));
    for (const Answers& answers : signs_.answers) fetch(answers.values.subspan(k, n));
  }
  using FlagCounts = std::array<std::uint32_t, 4>;  // by what two bits say

  void add_answers(std::size_t k, events::GroupTally& tally) const {
    for (std::size_t component = 0; component < signs_.answers.size(); ++component) {
      const double bad = signs_.badness(component, k);
      if (std::isnan(bad)) continue;
      tally.add(of_.seen(touchpoints_[k], component), 1);
      if (bad != 0) tally.add(of_.bad(touchpoints_[k], component), bad);
    }
  }
  void count_flags(std::size_t k) {
    const std::uint32_t t = touchpoints_[k];
    if (met_[t] == 0) {
      met_[t] = 1;
      steps_.push_back(t);
    }
    const std::size_t signs = signs_.friction.size();
    FlagCounts* counts = flags_.data() + t * signs;
    unsigned code = codes_[k];
    for (std::size_t sign = 0; sign < signs; ++sign, code >>= 2U) ++counts[sign][code & 3U];
  }
  // Takes the counts of the group and starts again.
  void add_flags(events::GroupTally& tally) {
    for (const std::uint32_t t : steps_) {
      met_[t] = 0;
      for (std::size_t sign = 0; sign < signs_.friction.size(); ++sign) {
        FlagCounts& counts = flags_[t * signs_.friction.size() + sign];
        const std::size_t component = signs_.answers.size() + sign;
        if (counts[0] + counts[1] > 0) tally.add(of_.seen(t, component), counts[0] + counts[1]);
        if (counts[1] > 0) tally.add(of_.bad(t, component), counts[1]);
        counts = {};
      }
    }
    steps_.clear();
  }

  const Signs& signs_;
  const events::CustomerGroups& groups_;
  const BadnessSums& of_;
  std::span<const std::size_t> offsets_;
  std::span<const std::uint32_t> touchpoints_;
  std::span<const Code> codes_;
  std::vector<FlagCounts> flags_;     // by touchpoint and sign
  std::vector<std::uint8_t> met_;     // by touchpoint
  std::vector<std::uint32_t> steps_;  // touchpoints that were met
};

}  // namespace

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

BadnessSums sum_badness(const EventLog& log, const Signs& signs, const events::CustomerGroups& groups, unsigned threads,
                        const base::Cancellation& cancellation) {
  BadnessSums out;
  out.components = signs.seen_per_event();
  const std::size_t features = 2 * log.touchpoint_names().size() * out.components + 1;
  const std::vector<Code> codes = codes_of_events(log, signs, threads, cancellation);
  out.sums = events::sum_groups(groups, features, threads, cancellation, [&]() -> events::GroupReader {
    return [reader = BadnessReader(log, signs, groups, out, codes)](
               std::size_t group, events::GroupTally& tally) mutable { reader.read(group, tally); };
  });
  for (std::size_t f = 0; f < features; ++f) {
    const std::size_t begin = out.sums.offsets[f];
    const auto values = std::span(out.sums.values).subspan(begin, out.sums.offsets[f + 1] - begin);
    out.totals.push_back(std::accumulate(values.begin(), values.end(), 0.0));
  }
  return out;
}

void price(Candidates& candidates, const FailureInput& in, const PointWeights& weights, const BadnessSums& badness) {
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

}  // namespace journeykit::scoring
