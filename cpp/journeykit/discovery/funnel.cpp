#include <algorithm>

#include "journeykit/base/error.hpp"
#include "journeykit/discovery/detail_columns.hpp"
#include "journeykit/discovery/paths.hpp"
#include "journeykit/discovery/times.hpp"

namespace journeykit::discovery {
namespace {

// steps_of[t]: the steps at which touchpoint t counts, ascending.
std::vector<std::vector<std::uint32_t>> steps_of_touchpoints(const events::EventLog& log,
                                                             const FunnelOptions& options) {
  constexpr std::size_t most_steps = 100;
  if (options.steps.empty() || options.steps.size() > most_steps) {
    throw base::InvalidInput("funnel has " + std::to_string(options.steps.size()) + " steps; expected 1 to 100");
  }
  const auto& dictionary = *log.category(events::Role::Touchpoint).dictionary;
  std::vector<std::vector<std::uint32_t>> out(dictionary.values.size());
  for (std::uint32_t k = 0; k < options.steps.size(); ++k) {
    if (options.steps[k].empty()) {
      throw base::InvalidInput("funnel step " + std::to_string(k + 1) + " names no touchpoint; name at least one");
    }
    for (const std::string& name : options.steps[k]) {
      const auto code = dictionary.find(name);
      if (!code)
        throw base::NotFound("funnel: " + base::not_found_message("touchpoint", name, "the log", dictionary.values));
      if (out[*code].empty() || out[*code].back() != k) out[*code].push_back(k);
    }
  }
  return out;
}

// Finds the chain of one case; its arrays are kept from case to case.
class ChainFinder {
 public:
  ChainFinder(std::size_t steps, std::optional<std::int64_t> within_ns)
      : places_(steps), next_(steps), chain_(steps), within_ns_(within_ns) {}

  // Event positions of the deepest chain, one per step reached.
  std::span<const std::size_t> find(const std::vector<std::vector<std::uint32_t>>& steps_of,
                                    std::span<const std::uint32_t> touchpoints, std::span<const std::int64_t> times) {
    for (auto& places : places_) places.clear();
    for (std::size_t e = 0; e < touchpoints.size(); ++e) {
      for (const std::uint32_t k : steps_of[touchpoints[e]]) places_[k].push_back(e);
    }
    std::ranges::fill(next_, 0U);
    best_.clear();
    // Greedy chains of later starts lie nowhere earlier, so every pointer only moves forward: linear in the case.
    for (const std::size_t start : places_[0]) {
      chain_[0] = start;
      std::size_t depth = 1;
      for (; depth < places_.size(); ++depth) {
        const auto& places = places_[depth];
        std::size_t& at = next_[depth];
        while (at < places.size() && places[at] <= chain_[depth - 1]) ++at;
        if (at == places.size() || !in_time(times[start], times[places[at]])) break;
        chain_[depth] = places[at];
      }
      if (depth > best_.size()) best_.assign(chain_.begin(), chain_.begin() + static_cast<std::ptrdiff_t>(depth));
      if (depth == places_.size()) break;
    }
    return best_;
  }

 private:
  bool in_time(std::int64_t first, std::int64_t here) const {
    return !within_ns_ || elapsed_ns(first, here) <= *within_ns_;
  }

  std::vector<std::vector<std::size_t>> places_;  // of each step, the events that may be it
  std::vector<std::size_t> next_, chain_, best_;
  std::optional<std::int64_t> within_ns_;
};

struct StepTally {
  std::int64_t cases = 0, customers = 0, open_cases = 0;
  std::vector<std::int64_t> from_first, from_previous;
};

std::string step_name(const std::vector<std::string>& touchpoints) {
  std::string out;
  for (const std::string& touchpoint : touchpoints) out += (out.empty() ? "" : " | ") + touchpoint;
  return out;
}

double median_seconds(std::vector<std::int64_t>& values) {
  const auto summary = summarize(values);
  return summary ? summary->median_seconds : kNoNumber;
}

}  // namespace

base::Table funnel(const events::EventLog& log, const Segments& segments, const FunnelOptions& options,
                   const base::Cancellation& cancellation) {
  constexpr std::size_t cases_between_checks = 1024;
  const auto steps_of = steps_of_touchpoints(log, options);
  const std::size_t depth = options.steps.size();
  const auto touchpoints = log.touchpoints();
  const auto times = log.times();
  const auto offsets = log.case_offsets();
  const events::Customers customers = events::customers(log);
  const auto status = events::case_status(log);

  std::vector<std::uint32_t> segment;
  base::Integers step, cases, who, open;
  base::Reals of_all, of_first, of_previous, from_first, from_previous;
  std::vector<std::string> names;
  std::vector<std::uint32_t> deepest(customers.count, 0);  // of the customer in this segment
  ChainFinder finder(depth, options.within_ns);
  for (std::uint32_t s = 0; s < segments.count; ++s) {
    std::vector<StepTally> tally(depth);
    const auto own = segments.cases_of(s);
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (i % cases_between_checks == 0) cancellation.check();
      const std::size_t c = own[i];
      const std::size_t begin = offsets[c], length = offsets[c + 1] - begin;
      const auto chain = finder.find(steps_of, touchpoints.subspan(begin, length), times.subspan(begin, length));
      for (std::size_t k = 0; k < chain.size(); ++k) {
        ++tally[k].cases;
        if (k == 0) continue;
        tally[k].from_first.push_back(elapsed_ns(times[begin + chain[0]], times[begin + chain[k]]));
        tally[k].from_previous.push_back(elapsed_ns(times[begin + chain[k - 1]], times[begin + chain[k]]));
      }
      if (!chain.empty() && status[c] == events::CaseStatus::Open) ++tally[chain.size() - 1].open_cases;
      std::uint32_t& reached = deepest[customers.of_case[c]];
      for (; reached < chain.size(); ++reached) ++tally[reached].customers;
    }
    for (const std::uint32_t c : own) deepest[customers.of_case[c]] = 0;
    for (std::size_t k = 0; k < depth; ++k) {
      segment.push_back(s);
      step.values.push_back(static_cast<std::int64_t>(k + 1));
      names.push_back(step_name(options.steps[k]));
      cases.values.push_back(tally[k].cases);
      who.values.push_back(tally[k].customers);
      open.values.push_back(tally[k].open_cases);
      of_all.values.push_back(share_of(tally[k].cases, static_cast<std::int64_t>(own.size())));
      of_first.values.push_back(share_of(tally[k].cases, tally[0].cases));
      of_previous.values.push_back(k == 0 ? kNoNumber : share_of(tally[k].cases, tally[k - 1].cases));
      from_first.values.push_back(median_seconds(tally[k].from_first));
      from_previous.values.push_back(median_seconds(tally[k].from_previous));
    }
  }
  base::Table out;
  out.add("step", std::move(step));
  out.add("name", base::categorize(names));
  out.add("cases", std::move(cases));
  out.add("customers", std::move(who));
  out.add("open_cases", std::move(open));
  out.add("share_of_all", std::move(of_all));
  out.add("share_of_first", std::move(of_first));
  out.add("share_of_previous", std::move(of_previous));
  out.add("median_seconds_from_first", std::move(from_first));
  out.add("median_seconds_from_previous", std::move(from_previous));
  return with_keys(segments, segment, std::move(out));
}

std::vector<std::uint32_t> funnel_depths(const events::EventLog& log, const FunnelOptions& options,
                                         const base::Cancellation& cancellation) {
  constexpr std::size_t cases_between_checks = 1024;
  const auto steps_of = steps_of_touchpoints(log, options);
  const auto offsets = log.case_offsets();
  ChainFinder finder(options.steps.size(), options.within_ns);
  std::vector<std::uint32_t> out;
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    if (c % cases_between_checks == 0) cancellation.check();
    const std::size_t begin = offsets[c], length = offsets[c + 1] - begin;
    const auto chain =
        finder.find(steps_of, log.touchpoints().subspan(begin, length), log.times().subspan(begin, length));
    out.push_back(static_cast<std::uint32_t>(chain.size()));
  }
  return out;
}

}  // namespace journeykit::discovery
