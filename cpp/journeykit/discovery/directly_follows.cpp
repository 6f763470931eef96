#include "journeykit/discovery/directly_follows.hpp"

#include <algorithm>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/discovery/detail_edge_index.hpp"
#include "journeykit/discovery/detail_timed_graph.hpp"

namespace journeykit::discovery {
namespace {

// What the counting reads, looked up once.
struct View {
  std::span<const std::uint32_t> touchpoints;
  std::span<const std::int64_t> times, end_times;
  std::span<const std::uint64_t> offsets;
  std::size_t touchpoint_count;
  std::vector<std::uint32_t> customer;     // of each case
  std::vector<events::CaseStatus> status;  // of each case

  explicit View(const events::EventLog& log)
      : touchpoints(log.touchpoints()),
        times(log.times()),
        end_times(log.end_times()),
        offsets(log.case_offsets()),
        touchpoint_count(log.touchpoint_names().size()),
        customer(events::customers(log).of_case),
        status(events::case_status(log)) {}
  std::int64_t step_ns(std::size_t e) const { return elapsed_ns(end_of_event(times, end_times, e), times[e + 1]); }
  bool has_duration(std::size_t e) const { return !end_times.empty() && end_times[e] != base::kMissingInteger; }
};

constexpr std::uint32_t kNever = 0xFFFFFFFF;
constexpr std::size_t kCasesBetweenChecks = 1024;

// One thread's share of the work: whole customers, so that distinct cases and customers add up over parts.
struct Part {
  std::span<const std::uint32_t> cases;  // the cases of one customer stand together
  std::vector<TouchpointCounts> touchpoints;
  std::vector<std::int64_t> durations;  // number of events with a duration, by touchpoint
  EdgeIndex edges{0, 0};
  std::vector<std::int64_t> edge_count, edge_cases;
  std::int64_t events = 0, customers = 0;
};

void count(const View& view, Part& part, const base::Cancellation& cancellation) {
  const std::size_t n = view.touchpoint_count;
  part.touchpoints.resize(n);
  part.durations.assign(view.end_times.empty() ? 0 : n, 0);
  std::vector<std::uint32_t> last_case(n, kNever), last_customer(n, kNever), edge_last_case;
  std::uint32_t previous_customer = kNever;
  for (std::size_t k = 0; k < part.cases.size(); ++k) {
    if (k % kCasesBetweenChecks == 0) cancellation.check();
    const std::uint32_t c = part.cases[k];
    const std::size_t begin = view.offsets[c];
    const std::size_t end = view.offsets[c + 1];
    const std::uint32_t customer = view.customer[c];
    part.customers += customer != previous_customer ? 1 : 0;
    previous_customer = customer;
    part.events += static_cast<std::int64_t>(end - begin);
    for (std::size_t e = begin; e < end; ++e) {
      const std::uint32_t here = view.touchpoints[e];
      TouchpointCounts& counts = part.touchpoints[here];
      ++counts.events;
      if (last_case[here] != c) {
        last_case[here] = c;
        ++counts.cases;
        if (last_customer[here] != customer) {
          last_customer[here] = customer;
          ++counts.customers;
        }
      }
      if (view.has_duration(e)) ++part.durations[here];
      if (e + 1 == end) break;
      const std::uint32_t edge = part.edges.number(here, view.touchpoints[e + 1]);
      if (edge == part.edge_count.size()) {
        part.edge_count.push_back(0);
        part.edge_cases.push_back(0);
        edge_last_case.push_back(kNever);
      }
      ++part.edge_count[edge];
      if (edge_last_case[edge] != c) {
        edge_last_case[edge] = c;
        ++part.edge_cases[edge];
      }
    }
    ++part.touchpoints[view.touchpoints[begin]].starts;
    TouchpointCounts& last = part.touchpoints[view.touchpoints[end - 1]];
    ++last.ends;
    if (view.status[c] == events::CaseStatus::Open) ++last.open_ends;
  }
}

// Splits the cases (already grouped by customer) where a customer ends, into parts of about equally many events.
std::vector<Part> split(const View& view, std::span<const std::uint32_t> cases, unsigned threads) {
  constexpr std::size_t least_events = 65'536;  // fewer do not pay for a thread
  std::size_t total = 0;
  for (const std::uint32_t c : cases) total += view.offsets[c + 1] - view.offsets[c];
  const std::size_t wanted = std::clamp<std::size_t>(total / least_events, 1, base::thread_count(threads));
  std::vector<Part> parts;
  std::size_t begin = 0, seen = 0, seen_before = 0;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    seen += view.offsets[cases[k] + 1] - view.offsets[cases[k]];
    const bool last = k + 1 == cases.size();
    const bool full = seen >= total * (parts.size() + 1) / wanted;
    if (last || (full && view.customer[cases[k]] != view.customer[cases[k + 1]])) {
      Part part;
      part.cases = cases.subspan(begin, k + 1 - begin);
      part.edges = EdgeIndex(view.touchpoint_count, seen - seen_before);
      parts.push_back(std::move(part));
      begin = k + 1;
      seen_before = seen;
    }
  }
  return parts;
}

// counts[p][k] values of part p belong to group groups[p][k].
Buckets make_buckets(std::size_t groups, const std::vector<std::vector<std::uint32_t>>& group_of,
                     const std::vector<const std::vector<std::int64_t>*>& counts) {
  Buckets out;
  out.offsets.assign(groups + 1, 0);
  for (std::size_t p = 0; p < counts.size(); ++p) {
    for (std::size_t k = 0; k < counts[p]->size(); ++k) {
      out.offsets[group_of[p][k] + 1] += static_cast<std::size_t>((*counts[p])[k]);
    }
  }
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  out.values.resize(out.offsets.back());
  std::vector<std::size_t> next(out.offsets.begin(), out.offsets.end() - 1);
  out.cursors.resize(counts.size());
  for (std::size_t p = 0; p < counts.size(); ++p) {
    for (std::size_t k = 0; k < counts[p]->size(); ++k) {
      out.cursors[p].push_back(next[group_of[p][k]]);
      next[group_of[p][k]] += static_cast<std::size_t>((*counts[p])[k]);
    }
  }
  return out;
}

void fill(const View& view, Part& part, Buckets& steps, Buckets& durations, std::size_t p,
          const base::Cancellation& cancellation) {
  for (std::size_t k = 0; k < part.cases.size(); ++k) {
    if (k % kCasesBetweenChecks == 0) cancellation.check();
    const std::uint32_t c = part.cases[k];
    for (std::size_t e = view.offsets[c]; e < view.offsets[c + 1]; ++e) {
      const std::uint32_t here = view.touchpoints[e];
      if (view.has_duration(e)) {
        durations.values[durations.cursors[p][here]++] = elapsed_ns(view.times[e], view.end_times[e]);
      }
      if (e + 1 == view.offsets[c + 1]) break;
      steps.values[steps.cursors[p][part.edges.number(here, view.touchpoints[e + 1])]++] = view.step_ns(e);
    }
  }
}

void add_counts(DirectlyFollows& graph, const Part& part) {
  graph.events += part.events;
  graph.customers += part.customers;
  graph.cases += static_cast<std::int64_t>(part.cases.size());
  for (std::size_t t = 0; t < part.touchpoints.size(); ++t) {
    const TouchpointCounts& from = part.touchpoints[t];
    TouchpointCounts& to = graph.touchpoints[t];
    to.events += from.events;
    to.cases += from.cases;
    to.customers += from.customers;
    to.starts += from.starts;
    to.ends += from.ends;
    to.open_ends += from.open_ends;
  }
}

// `cases`: grouped by customer.
TimedGraph graph_of(const View& view, std::span<const std::uint32_t> cases, unsigned threads,
                    const base::Cancellation& cancellation) {
  std::vector<Part> parts = split(view, cases, threads);
  base::parallel_for(parts.size(), 1, threads, cancellation,
                     [&](std::size_t p, std::size_t) { count(view, parts[p], cancellation); });

  TimedGraph out;
  DirectlyFollows& graph = out.graph;
  graph.touchpoints.resize(view.touchpoint_count);
  std::size_t most_edges = 0;
  for (const Part& part : parts) most_edges += part.edge_count.size();
  EdgeIndex edges(view.touchpoint_count, most_edges);
  std::vector<std::vector<std::uint32_t>> edge_of_part(parts.size()), touchpoint_of_part(parts.size());
  std::vector<const std::vector<std::int64_t>*> edge_counts, duration_counts;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    add_counts(graph, parts[p]);
    for (std::size_t k = 0; k < parts[p].edge_count.size(); ++k) {
      const std::uint64_t pair = parts[p].edges.pairs()[k];
      const auto source = static_cast<std::uint32_t>(pair >> 32U);
      const auto target = static_cast<std::uint32_t>(pair);
      const std::uint32_t edge = edges.number(source, target);
      if (edge == graph.edges.size()) graph.edges.push_back({source, target, 0, 0, {}});
      graph.edges[edge].count += parts[p].edge_count[k];
      graph.edges[edge].cases += parts[p].edge_cases[k];
      edge_of_part[p].push_back(edge);
    }
    edge_counts.push_back(&parts[p].edge_count);
    touchpoint_of_part[p].resize(parts[p].durations.size());
    std::iota(touchpoint_of_part[p].begin(), touchpoint_of_part[p].end(), 0U);
    duration_counts.push_back(&parts[p].durations);
  }

  Buckets& steps = out.steps = make_buckets(graph.edges.size(), edge_of_part, edge_counts);
  Buckets& durations = out.durations =
      make_buckets(view.end_times.empty() ? 0 : view.touchpoint_count, touchpoint_of_part, duration_counts);
  base::parallel_for(parts.size(), 1, threads, cancellation,
                     [&](std::size_t p, std::size_t) { fill(view, parts[p], steps, durations, p, cancellation); });
  constexpr std::size_t groups_at_once = 16;
  base::parallel_for(graph.edges.size(), groups_at_once, threads, cancellation,
                     [&](std::size_t begin, std::size_t end) {
                       for (std::size_t k = begin; k < end; ++k) graph.edges[k].times = *summarize(steps.group(k));
                     });
  base::parallel_for(durations.offsets.size() - 1, groups_at_once, threads, cancellation,
                     [&](std::size_t begin, std::size_t end) {
                       for (std::size_t t = begin; t < end; ++t) {
                         graph.touchpoints[t].duration = summarize(durations.group(t));
                       }
                     });
  out.step_group.resize(graph.edges.size());
  std::iota(out.step_group.begin(), out.step_group.end(), 0U);
  std::ranges::sort(out.step_group, [&](std::uint32_t x, std::uint32_t y) {
    const Edge &a = graph.edges[x], &b = graph.edges[y];
    if (a.count != b.count) return a.count > b.count;
    return a.source != b.source ? a.source < b.source : a.target < b.target;  // codes stand in byte order of the names
  });
  std::vector<Edge> sorted;
  sorted.reserve(graph.edges.size());
  for (const std::uint32_t edge : out.step_group) sorted.push_back(graph.edges[edge]);
  graph.edges = std::move(sorted);
  return out;
}

void group_by_customer(const events::EventLog& log, const View& view, std::span<std::uint32_t> cases) {
  if (!log.has(events::Role::Customer)) return;
  std::stable_sort(cases.begin(), cases.end(), [&](auto a, auto b) { return view.customer[a] < view.customer[b]; });
}

}  // namespace

std::vector<DirectlyFollows> directly_follows(const events::EventLog& log, const Segments& segments,
                                              const DirectlyFollowsOptions& options,
                                              const base::Cancellation& cancellation) {
  const View view(log);
  constexpr std::size_t most_rows = 10'000'000;
  if (segments.count > 1 && segments.count * view.touchpoint_count > most_rows) {
    throw base::Unsupported(
        "by: " + std::to_string(segments.count) + " segments of " + std::to_string(view.touchpoint_count) +
        " touchpoints are more than ten million rows; choose a coarser column, or fewer touchpoints");
  }
  std::vector<std::uint32_t> cases = segments.cases;
  std::vector<DirectlyFollows> out;
  out.reserve(segments.count);
  for (std::size_t s = 0; s < segments.count; ++s) {
    const auto own = std::span(cases).subspan(segments.offsets[s], segments.offsets[s + 1] - segments.offsets[s]);
    group_by_customer(log, view, own);
    out.push_back(std::move(graph_of(view, own, options.threads, cancellation).graph));
  }
  return out;
}

TimedGraph timed_graph(const events::EventLog& log, const DirectlyFollowsOptions& options,
                       const base::Cancellation& cancellation) {
  const View view(log);
  std::vector<std::uint32_t> cases(log.case_count());
  std::iota(cases.begin(), cases.end(), 0U);
  group_by_customer(log, view, cases);
  return graph_of(view, cases, options.threads, cancellation);
}

DirectlyFollows directly_follows(const events::EventLog& log, const DirectlyFollowsOptions& options,
                                 const base::Cancellation& cancellation) {
  return std::move(directly_follows(log, segments(log, {}), options, cancellation).front());
}

}  // namespace journeykit::discovery
