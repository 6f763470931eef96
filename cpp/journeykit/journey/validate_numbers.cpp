// Rules about numbers that must agree with each other.
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "journeykit/journey/detail_findings.hpp"

namespace journeykit::journey {
namespace {

constexpr Rule kAboveOne{Severity::Error, "probabilities-above-1", "correct them; they are shares of its events"};
constexpr Rule kBelowOne{Severity::Warning, "probabilities-below-1",
                         "correct them, or add the transition that is missing"};
constexpr Rule kSomeMissing{Severity::Warning, "probability-missing", "give all of them, or none"};
constexpr Rule kAgainstCounts{Severity::Warning, "probability-against-counts", "correct one of the two"};
constexpr Rule kCounts{Severity::Error, "counts-contradict", "correct the counts, or discover the map again"};
constexpr Rule kMovesMissing{Severity::Info, "moves-missing", "add the transitions that were left out, if they matter"};
constexpr Rule kTimes{Severity::Warning, "times-contradict", "correct the times"};
constexpr Rule kNoData{Severity::Warning, "observed-without-data", "add its statistics, or call it assumed"};

constexpr double kTolerance = 1e-6;       // of probabilities that add to 1
constexpr double kCountTolerance = 0.01;  // of a probability against its count: probabilities are often rounded

std::string text(double value) {
  std::array<char, 32> buffer{};
  const auto written =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 6);
  return {buffer.data(), written.ptr};
}

std::string text(std::int64_t value) { return std::to_string(value); }

struct Sum {  // of one number over the transitions of a touchpoint; integers saturate
  std::int64_t total = 0;
  bool complete = true;
  void add(const std::optional<std::int64_t>& value) {
    if (!value) {
      complete = false;
    } else {
      total = *value > std::numeric_limits<std::int64_t>::max() - total ? std::numeric_limits<std::int64_t>::max()
                                                                        : total + *value;
    }
  }
};

Sum counts(const Moves& moves, const std::vector<Moves::Step>& steps) {
  Sum sum;
  for (const Moves::Step& step : steps) sum.add(moves.transitions[step.transition].count);
  return sum;
}

// The probabilities out of a touchpoint and the share of its events that end the journey make 1.
void check_probabilities(const Moves& moves, std::size_t k, Findings& findings) {
  const std::vector<Moves::Step>& steps = moves.out[k];
  double sum = 0;
  std::size_t known = 0;
  for (const Moves::Step& step : steps) {
    const std::optional<double>& probability = moves.transitions[step.transition].probability;
    if (!probability) continue;
    sum += *probability;
    ++known;
  }
  if (known == 0) return;
  const std::optional<TouchpointStatistics>& statistics = moves.touchpoints[k].statistics;
  const bool observed = statistics && statistics->events > 0;
  const double events = observed ? static_cast<double>(statistics->events) : 0;
  const double ending = observed ? static_cast<double>(statistics->ends) / events : 0;
  const double tolerance = observed ? kCountTolerance : kTolerance;
  const Sum moved = counts(moves, steps);
  const std::string shown = "the probabilities of its transitions " +
                            (ending > 0 ? "and the share that ends there make " : std::string("add to ")) +
                            text(sum + ending);
  if (sum + ending > 1 + tolerance) {
    findings.touchpoint(kAboveOne, k, shown + ", more than 1");
  } else if (known < steps.size()) {
    findings.touchpoint(
        kSomeMissing, k,
        std::to_string(known) + " of its " + std::to_string(steps.size()) + " transitions have a probability");
  } else if (sum + ending < 1 - tolerance && !(observed && moved.complete)) {  // else moves-missing says it
    findings.touchpoint(kBelowOne, k, shown + ", less than 1");
  }
  if (!moved.complete || moved.total == 0 || sum <= 0) return;
  const double whole = observed ? events : static_cast<double>(moved.total) / sum;  // what a probability of 1 counts
  for (const Moves::Step& step : steps) {
    const Transition& t = moves.transitions[step.transition];
    const double share = static_cast<double>(*t.count) / whole;
    if (!t.probability || std::fabs(*t.probability - share) <= kCountTolerance) continue;
    findings.transition(kAgainstCounts, step.transition,
                        "its probability is " + text(*t.probability) + ", by the counts it is " + text(share));
  }
}

void check_times(const TimeSummary& times, const std::string& what, const std::function<void(std::string)>& report) {
  const auto between = [&](double value) { return value >= times.min_seconds && value <= times.max_seconds; };
  if (!between(times.mean_seconds) || !between(times.median_seconds) || !between(times.p90_seconds)) {
    report("mean, median or p90 of its " + what + " lies outside the range from min to max");
  } else if (times.p90_seconds < times.median_seconds) {
    report("p90 of its " + what + " lies below the median");
  }
}

void check_statistics(const JourneyMap& map, const Moves& moves, std::size_t k, Findings& findings) {
  const Touchpoint& t = moves.touchpoints[k];
  if (!t.statistics) {
    if (t.evidence == Evidence::Observed && t.metrics.empty()) {
      findings.touchpoint(kNoData, k, "its evidence is observed, but it has neither statistics nor metrics");
    }
    return;
  }
  const TouchpointStatistics& s = *t.statistics;
  const auto at_most = [&](std::int64_t small, std::string_view what, std::int64_t large, std::string_view than) {
    if (small > large) {
      findings.touchpoint(
          kCounts, k,
          text(small) + " " + std::string(what) + " are more than its " + text(large) + " " + std::string(than));
    }
  };
  at_most(s.cases, "cases", s.events, "events");
  at_most(s.customers, "customers", s.cases, "cases");
  at_most(s.starts, "starts", s.cases, "cases");
  at_most(s.ends, "ends", s.cases, "cases");
  if (map.about().cases) at_most(s.cases, "cases", *map.about().cases, "cases of the whole map");
  if (map.about().events) at_most(s.events, "events", *map.about().events, "events of the whole map");
  if (s.duration) {
    at_most(s.duration->n, "durations", s.events, "events");
    check_times(*s.duration, "duration", [&](const std::string& message) { findings.touchpoint(kTimes, k, message); });
  }
  const Sum left = counts(moves, moves.out[k]), entered = counts(moves, moves.in[k]);
  at_most(left.total, "moves out of it", s.events - s.ends, "events that do not end the journey");
  at_most(entered.total, "moves into it", s.events - s.starts, "events that do not start the journey");
  if (left.complete && !moves.out[k].empty() && left.total < s.events - s.ends) {
    findings.touchpoint(
        kMovesMissing, k,
        "the map shows " + text(left.total) + " of its " + text(s.events - s.ends) + " moves to another event");
  }
}

void check_transition(const Moves& moves, std::size_t k, Findings& findings) {
  const Transition& t = moves.transitions[k];
  if (t.count && t.cases && *t.cases > *t.count) {
    findings.transition(kCounts, k, text(*t.cases) + " cases are more than its " + text(*t.count) + " moves");
  }
  if (t.times) {
    check_times(*t.times, "times", [&](const std::string& message) { findings.transition(kTimes, k, message); });
    if (t.count && t.times->n > *t.count) {
      findings.transition(kCounts, k, text(t.times->n) + " times are more than its " + text(*t.count) + " moves");
    }
  }
  if (t.evidence == Evidence::Observed && !t.count) {
    findings.transition(kNoData, k, "its evidence is observed, but it has no count");
  }
}

}  // namespace

void check_numbers(const JourneyMap& map, const Moves& moves, Findings& findings) {
  for (std::size_t k = 0; k < moves.touchpoints.size(); ++k) {
    check_probabilities(moves, k, findings);
    check_statistics(map, moves, k, findings);
  }
  for (std::size_t k = 0; k < moves.transitions.size(); ++k) check_transition(moves, k, findings);
}

}  // namespace journeykit::journey
