#include "journeykit/discovery/state.hpp"

#include <algorithm>
#include <unordered_map>

#include "journeykit/base/error.hpp"
#include "journeykit/base/random.hpp"
#include "journeykit/discovery/detail_edge_index.hpp"
#include "journeykit/discovery/times.hpp"

namespace journeykit::discovery {
namespace {

constexpr std::size_t kCasesBetweenChecks = 1024;
constexpr std::size_t kNever = static_cast<std::size_t>(-1);

using Steps = std::span<const std::uint32_t>;

struct HashSteps {
  std::size_t operator()(Steps steps) const {
    std::uint64_t hash = steps.size();
    for (const std::uint32_t code : steps) hash = base::mix(hash ^ code);
    return hash;
  }
};
struct EqualSteps {
  bool operator()(Steps a, Steps b) const { return std::ranges::equal(a, b); }
};

[[noreturn]] void refuse_variants(std::uint64_t most) {
  throw base::Unsupported("the log has more than " + std::to_string(most) +
                          " distinct variants, which would fill the memory; leave variants out, raise max_variants, or "
                          "join touchpoints and repeats first");
}

void check_log(const events::EventLog& log) {
  if (log.has(events::Role::Customer)) {
    throw base::InvalidInput(
        "the log has the customer column " + base::quote_safe(*log.options().role(events::Role::Customer)) +
        ", and customers do not add up over parts of a log; read it without customer=, so that each case is its own "
        "customer");
  }
}

// Touchpoints, edges and positions in one pass; `edges` numbers the pairs as they are met.
void count_steps(const events::EventLog& log, FlowState& state, const base::Cancellation& cancellation) {
  constexpr std::int64_t one = std::int64_t{1} << 30U;  // as in stages.cpp
  const auto touchpoints = log.touchpoints();
  const auto times = log.times();
  const auto end_times = log.end_times();
  const auto offsets = log.case_offsets();
  const std::size_t exact_up_to = state.options.exact_up_to;
  EdgeIndex index(state.touchpoints.size(), log.event_count());
  std::vector<std::size_t> last_case(state.touchpoints.size(), kNever), edge_last_case;
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    if (c % kCasesBetweenChecks == 0) cancellation.check();
    const std::size_t begin = offsets[c];
    const std::size_t end = offsets[c + 1];
    const auto steps = static_cast<std::int64_t>(end - begin) - 1;
    for (std::size_t e = begin; e < end; ++e) {
      TouchpointTally& here = state.touchpoints[touchpoints[e]];
      ++here.events;
      here.position.add(steps == 0 ? one / 2 : static_cast<std::int64_t>(e - begin) * one / steps);
      if (last_case[touchpoints[e]] != c) {
        last_case[touchpoints[e]] = c;
        ++here.cases;
      }
      if (!end_times.empty() && end_times[e] != base::kMissingInteger) {
        here.durations.add(elapsed_ns(times[e], end_times[e]), exact_up_to);
      }
      if (e + 1 == end) break;
      const std::uint32_t number = index.number(touchpoints[e], touchpoints[e + 1]);
      if (number == state.edges.size()) {
        state.edges.push_back({touchpoints[e], touchpoints[e + 1], 0, 0, {}});
        edge_last_case.push_back(kNever);
      }
      EdgeTally& edge = state.edges[number];
      ++edge.count;
      if (edge_last_case[number] != c) {
        edge_last_case[number] = c;
        ++edge.cases;
      }
      edge.times.add(elapsed_ns(end_of_event(times, end_times, e), times[e + 1]), exact_up_to);
    }
    ++state.touchpoints[touchpoints[begin]].starts;
    ++state.touchpoints[touchpoints[end - 1]].ends;
  }
  std::ranges::sort(state.edges, [](const EdgeTally& a, const EdgeTally& b) {
    return a.source != b.source ? a.source < b.source : a.target < b.target;
  });
}

void count_values(const events::EventLog& log, events::Role role, FlowState& state,
                  std::map<std::string, std::int64_t> TouchpointTally::*values) {
  if (!log.has(role)) return;
  const base::Category& column = log.category(role);
  const auto touchpoints = log.touchpoints();
  EdgeIndex met(std::max(state.touchpoints.size(), column.dictionary->values.size()), log.event_count());
  std::vector<std::int64_t> counts;
  for (std::size_t e = 0; e < log.event_count(); ++e) {
    if (column.codes[e] == base::kMissingCode || column.dictionary->values[column.codes[e]].empty()) continue;
    const std::uint32_t number = met.number(touchpoints[e], column.codes[e]);
    if (number == counts.size()) counts.push_back(0);
    ++counts[number];
  }
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const std::uint64_t pair = met.pairs()[k];
    (state.touchpoints[pair >> 32U].*values)[column.dictionary->values[static_cast<std::uint32_t>(pair)]] = counts[k];
  }
}

void count_variants(const events::EventLog& log, std::span<const std::int64_t> durations, FlowState& state,
                    const base::Cancellation& cancellation) {
  const auto offsets = log.case_offsets();
  const auto touchpoints = log.touchpoints();
  std::unordered_map<Steps, std::size_t, HashSteps, EqualSteps> known;
  for (std::size_t c = 0; c < log.case_count(); ++c) {  // ids ascend: the first case of a variant has the smallest
    if (c % kCasesBetweenChecks == 0) cancellation.check();
    const Steps steps = touchpoints.subspan(offsets[c], offsets[c + 1] - offsets[c]);
    const auto [at, fresh] = known.try_emplace(steps, state.variants.size());
    if (fresh) {
      if (state.variants.size() == state.options.most_variants) refuse_variants(state.options.most_variants);
      state.variants.push_back({{steps.begin(), steps.end()}, log.case_id(c), 0, {}});
    }
    VariantTally& variant = state.variants[at->second];
    ++variant.cases;
    variant.durations.add(durations[c], state.options.exact_up_to);
  }
  std::ranges::sort(state.variants, {}, &VariantTally::steps);
}

void add_counts(std::map<std::string, std::int64_t>& to, const std::map<std::string, std::int64_t>& from) {
  for (const auto& [name, count] : from) to[name] = base::add_tallies(to[name], count);
}

void add(TouchpointTally& to, const TouchpointTally& from, std::size_t exact_up_to) {
  to.events = base::add_tallies(to.events, from.events);
  to.cases = base::add_tallies(to.cases, from.cases);
  to.starts = base::add_tallies(to.starts, from.starts);
  to.ends = base::add_tallies(to.ends, from.ends);
  to.open_ends = base::add_tallies(to.open_ends, from.open_ends);
  to.position.add(from.position);
  to.durations.merge(from.durations, exact_up_to);
  add_counts(to.channels, from.channels);
  add_counts(to.departments, from.departments);
}

void add(EdgeTally& to, const EdgeTally& from, std::size_t exact_up_to) {
  to.count = base::add_tallies(to.count, from.count);
  to.cases = base::add_tallies(to.cases, from.cases);
  to.times.merge(from.times, exact_up_to);
}

void add(VariantTally& to, const VariantTally& from, std::size_t exact_up_to) {
  to.example_case = std::min(to.example_case, from.example_case);
  to.cases = base::add_tallies(to.cases, from.cases);
  to.durations.merge(from.durations, exact_up_to);
}

// Both lists in one order; what stands in both is added up.
template <class Tally, class Before>
std::vector<Tally> united(std::vector<Tally> a, std::vector<Tally> b, std::size_t exact_up_to, const Before& before) {
  std::vector<Tally> out;
  out.reserve(std::max(a.size(), b.size()));
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    if (right == b.end() || (left != a.end() && before(*left, *right))) {
      out.push_back(std::move(*left++));
    } else if (left == a.end() || before(*right, *left)) {
      out.push_back(std::move(*right++));
    } else {
      out.push_back(std::move(*left++));
      add(out.back(), *right++, exact_up_to);
    }
  }
  return out;
}

// Where each touchpoint of `own` stands among all of them.
std::vector<std::uint32_t> places(const std::vector<TouchpointTally>& own, const std::vector<std::string>& all) {
  std::vector<std::uint32_t> out;
  out.reserve(own.size());
  std::size_t at = 0;
  for (const TouchpointTally& touchpoint : own) {
    while (all[at] != touchpoint.name) ++at;
    out.push_back(static_cast<std::uint32_t>(at));
  }
  return out;
}

// Places only grow, so edges and variants stay in order.
void renumber(FlowState& state, const std::vector<std::string>& all) {
  if (state.touchpoints.size() == all.size()) return;
  const std::vector<std::uint32_t> place = places(state.touchpoints, all);
  for (EdgeTally& edge : state.edges) {
    edge.source = place[edge.source];
    edge.target = place[edge.target];
  }
  for (VariantTally& variant : state.variants) {
    for (std::uint32_t& step : variant.steps) step = place[step];
  }
}

std::size_t distinct_variants(const FlowState& a, const FlowState& b) {
  std::size_t both = 0;
  for (auto left = a.variants.begin(), right = b.variants.begin();
       left != a.variants.end() && right != b.variants.end();) {
    const bool equal = left->steps == right->steps;
    const bool less = left->steps < right->steps;
    both += equal ? 1 : 0;
    if (equal || less) ++left;
    if (!less) ++right;
  }
  return a.variants.size() + b.variants.size() - both;
}

}  // namespace

FlowState flow_state(const events::EventLog& log, const FlowOptions& options, const base::Cancellation& cancellation) {
  check_log(log);
  if (options.status) events::check_rule(*options.status);
  FlowState state;
  state.options = options;
  for (const std::string& name : log.touchpoint_names()) {  // codes stand in byte order of the names
    state.touchpoints.emplace_back();
    state.touchpoints.back().name = name;
  }
  state.cases = static_cast<std::int64_t>(log.case_count());
  state.events = static_cast<std::int64_t>(log.event_count());
  count_steps(log, state, cancellation);
  count_values(log, events::Role::Channel, state, &TouchpointTally::channels);
  count_values(log, events::Role::Department, state, &TouchpointTally::departments);
  const std::vector<std::int64_t> durations = case_durations_ns(log);
  for (const std::int64_t duration : durations) state.case_durations.add(duration, options.exact_up_to);
  if (options.most_variants > 0) count_variants(log, durations, state, cancellation);
  if (options.status) {
    const auto status = events::case_status(log, *options.status);
    const auto offsets = log.case_offsets();
    for (std::size_t c = 0; c < status.size(); ++c) {
      if (status[c] == events::CaseStatus::Open) ++state.touchpoints[log.touchpoints()[offsets[c + 1] - 1]].open_ends;
    }
  }
  return state;
}

FlowState merged(FlowState a, FlowState b) {
  if (a.options != b.options) {
    throw base::InvalidInput(
        "the states were counted by different rules (endings, idle, observed_until, exact_up_to or max_variants); "
        "count both with the same options");
  }
  std::vector<std::string> all;
  for (const FlowState* part : {&a, &b}) {
    for (const TouchpointTally& touchpoint : part->touchpoints) all.push_back(touchpoint.name);
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  renumber(a, all);
  renumber(b, all);
  if (distinct_variants(a, b) > a.options.most_variants) refuse_variants(a.options.most_variants);
  const std::size_t exact_up_to = a.options.exact_up_to;
  a.cases = base::add_tallies(a.cases, b.cases);
  a.events = base::add_tallies(a.events, b.events);
  a.case_durations.merge(b.case_durations, exact_up_to);
  a.touchpoints = united(std::move(a.touchpoints), std::move(b.touchpoints), exact_up_to,
                         [](const auto& x, const auto& y) { return x.name < y.name; });
  a.edges = united(std::move(a.edges), std::move(b.edges), exact_up_to, [](const auto& x, const auto& y) {
    return x.source != y.source ? x.source < y.source : x.target < y.target;
  });
  a.variants = united(std::move(a.variants), std::move(b.variants), exact_up_to,
                      [](const auto& x, const auto& y) { return x.steps < y.steps; });
  return a;
}

}  // namespace journeykit::discovery
