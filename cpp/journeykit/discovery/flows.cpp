#include "journeykit/discovery/flows.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <span>

#include "journeykit/base/parallel.hpp"
#include "journeykit/base/text_order.hpp"
#include "journeykit/discovery/detail_flow_counts.hpp"
#include "journeykit/discovery/detail_one_pass.hpp"
#include "journeykit/discovery/times.hpp"
#include "journeykit/events/order.hpp"

namespace journeykit::discovery {
namespace {

constexpr std::size_t kLeastSteps = 65'536;  // fewer do not pay for a thread

// What one thread found.
struct Part {
  FlowCounts counts;
  std::vector<std::int64_t> starts, ends;
  std::vector<std::size_t> cursor;  // of each cell: where its next time goes

  Part(std::size_t touchpoints, std::size_t steps)
      : counts(touchpoints, steps), starts(touchpoints, 0), ends(touchpoints, 0) {}
};

// The times of all steps, those of one edge together; every part has its own stretch for each of its cells.
struct Steps {
  std::vector<std::int64_t> ns;
  std::vector<std::size_t> offsets;  // of edges
};

// Adds the parts up. Every edge gets its place in `steps` and every part its cursors, when medians are wanted.
Flows add_up(std::vector<Part>& parts, const std::vector<std::string>& names, bool medians, Steps& steps) {
  Flows out;
  const std::size_t n = names.size();
  out.names = names;
  out.starts.assign(n, 0);
  out.ends.assign(n, 0);
  std::vector<StepSum> sums;
  std::size_t most = 0;
  for (const Part& part : parts) most += part.counts.cell_count();
  EdgeIndex edges(n, most);
  std::vector<std::vector<std::pair<std::uint32_t, std::size_t>>> cells(parts.size());  // edge, cell of the part
  for (std::size_t p = 0; p < parts.size(); ++p) {
    for (std::size_t t = 0; t < n; ++t) {
      out.starts[t] += parts[p].starts[t];
      out.ends[t] += parts[p].ends[t];
    }
    parts[p].counts.each([&](std::uint32_t source, std::uint32_t target, std::size_t cell) {
      const std::uint32_t edge = edges.number(source, target);
      if (edge == sums.size()) {
        sums.emplace_back();
        out.edges.push_back({source, target, 0, 0, 0});
      }
      sums[edge].add(parts[p].counts.sum(cell));
      cells[p].emplace_back(edge, cell);
    });
  }
  out.events = out.starts;
  for (std::size_t e = 0; e < sums.size(); ++e) {
    out.edges[e].count = sums[e].count;
    out.edges[e].mean_seconds = sums[e].mean_seconds();
    out.events[out.edges[e].target] += sums[e].count;
  }
  out.cases = std::accumulate(out.starts.begin(), out.starts.end(), std::int64_t{0});
  if (!medians) return out;
  steps.offsets.assign(sums.size() + 1, 0);
  for (std::size_t e = 0; e < sums.size(); ++e) {
    steps.offsets[e + 1] = steps.offsets[e] + static_cast<std::size_t>(sums[e].count);
  }
  steps.ns.resize(steps.offsets.back());
  std::vector<std::size_t> next(steps.offsets.begin(), steps.offsets.end() - 1);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    parts[p].cursor.resize(parts[p].counts.cell_count());
    for (const auto& [edge, cell] : cells[p]) {
      parts[p].cursor[cell] = next[edge];
      next[edge] += static_cast<std::size_t>(parts[p].counts.sum(cell).count);
    }
  }
  return out;
}

void find_medians(Flows& flows, Steps& steps, unsigned threads, const base::Cancellation& cancellation) {
  base::parallel_for(flows.edges.size(), 4, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t e = begin; e < end; ++e) {
      const auto own = std::span(steps.ns).subspan(steps.offsets[e], steps.offsets[e + 1] - steps.offsets[e]);
      flows.edges[e].median_seconds = median_seconds(own);
    }
  });
}

void sort_edges(Flows& flows) {
  std::ranges::sort(flows.edges, [](const Flow& a, const Flow& b) {
    if (a.count != b.count) return a.count > b.count;
    return a.source != b.source ? a.source < b.source : a.target < b.target;
  });
}

// Events of whole cases, one case after the other.
struct InOrder {
  std::span<const std::uint32_t> touchpoints;
  std::span<const std::int64_t> times, end_times;
  std::span<const std::uint64_t> offsets;
};

// step(source, target, ns) for each step of the cases [begin, end).
template <class Step>
void each_step(const InOrder& events, std::size_t begin, std::size_t end, Step&& step) {
  if (events.end_times.empty()) {  // times ascend in a case, and no two lie further apart than fits
    for (std::size_t c = begin; c < end; ++c) {
      for (std::size_t e = events.offsets[c] + 1; e < events.offsets[c + 1]; ++e) {
        step(events.touchpoints[e - 1], events.touchpoints[e], events.times[e] - events.times[e - 1]);
      }
    }
    return;
  }
  for (std::size_t c = begin; c < end; ++c) {
    const std::size_t first = events.offsets[c];
    const std::size_t last = events.offsets[c + 1];
    if (first == last) continue;  // a number without a case
    std::uint32_t source = events.touchpoints[first];
    std::int64_t from = end_of_event(events.times, events.end_times, first);
    for (std::size_t e = first + 1; e < last; ++e) {
      const std::uint32_t target = events.touchpoints[e];
      step(source, target, elapsed_ns(from, events.times[e]));
      source = target;
      from = end_of_event(events.times, events.end_times, e);
    }
  }
}

Flows of_ordered(const InOrder& events, const std::vector<std::string>& names, const FlowsOptions& options,
                 const base::Cancellation& cancellation) {
  const std::size_t n = events.touchpoints.size();
  const std::size_t cases = events.offsets.size() - 1;
  const std::size_t wanted = std::clamp<std::size_t>(n / kLeastSteps, 1, base::thread_count(options.threads));
  std::vector<Part> parts(wanted, Part(names.size(), n / wanted));
  std::vector<std::size_t> first_case;
  for (std::size_t p = 0; p <= wanted; ++p) {
    const auto at = std::ranges::lower_bound(events.offsets, n * p / wanted);
    first_case.push_back(p == wanted ? cases : static_cast<std::size_t>(at - events.offsets.begin()));
  }
  constexpr std::size_t cases_between_checks = 8192;
  const auto each_stretch = [&](std::size_t p, const auto& work) {
    for (std::size_t c = first_case[p]; c < first_case[p + 1]; c += cases_between_checks) {
      cancellation.check();
      work(c, std::min(first_case[p + 1], c + cases_between_checks));
    }
  };
  base::parallel_for(wanted, 1, options.threads, cancellation, [&](std::size_t p, std::size_t) {
    Part& part = parts[p];
    each_stretch(p, [&](std::size_t begin, std::size_t end) {
      each_step(events, begin, end, [&](std::uint32_t source, std::uint32_t target, std::int64_t ns) {
        part.counts.sum(part.counts.cell(source, target)).add(ns);
      });
      for (std::size_t c = begin; c < end; ++c) {
        if (events.offsets[c] == events.offsets[c + 1]) continue;
        ++part.starts[events.touchpoints[events.offsets[c]]];
        ++part.ends[events.touchpoints[events.offsets[c + 1] - 1]];
      }
    });
  });
  Steps steps;
  Flows out = add_up(parts, names, options.medians, steps);
  if (options.medians) {
    base::parallel_for(wanted, 1, options.threads, cancellation, [&](std::size_t p, std::size_t) {
      Part& part = parts[p];
      each_stretch(p, [&](std::size_t begin, std::size_t end) {
        each_step(events, begin, end, [&](std::uint32_t source, std::uint32_t target, std::int64_t ns) {
          steps.ns[part.cursor[part.counts.cell(source, target)]++] = ns;
        });
      });
    });
    find_medians(out, steps, options.threads, cancellation);
  }
  return out;
}

// Nothing when a case goes back in time.
template <class Last>
std::optional<Flows> of_rows_in_time(const events::EventKeys& keys, const FlowsOptions& options,
                                     const base::Cancellation& cancellation) {
  const std::size_t n = keys.row_count();
  const std::size_t wanted = std::clamp<std::size_t>(n / kLeastSteps, 1, base::thread_count(options.threads));
  const auto& names = keys.touchpoint_names();
  std::vector<Part> parts(wanted, Part(names.size(), n / wanted));
  OnePass<Last> pass(keys, wanted);
  std::atomic<bool> in_time = true;
  // Both rounds see the same steps in the same parts: first they are counted, then their times are kept.
  const auto round = [&](const auto& take, const auto& start) {
    base::parallel_for(wanted, 1, options.threads, cancellation, [&](std::size_t p, std::size_t) {
      const bool fine = pass.walk(
          p, cancellation, [&](auto source, auto target, std::int64_t ns) { take(parts[p], source, target, ns); });
      if (!fine) in_time = false;
    });
    if (!in_time) return;
    base::parallel_for(wanted, 1, options.threads, cancellation, [&](std::size_t p, std::size_t) {
      const bool fine = pass.join(
          p, [&](std::uint32_t touchpoint) { start(parts[p], touchpoint); },
          [&](auto source, auto target, std::int64_t ns) { take(parts[p], source, target, ns); });
      if (!fine) in_time = false;
    });
  };
  round([](Part& part, std::uint32_t source, std::uint32_t target,
           std::int64_t ns) { part.counts.sum(part.counts.cell(source, target)).add(ns); },
        [](Part& part, std::uint32_t touchpoint) { ++part.starts[touchpoint]; });
  if (!in_time) return std::nullopt;
  base::parallel_for(wanted, 1, options.threads, cancellation, [&](std::size_t p, std::size_t) {
    pass.each_end(keys.case_count() * p / wanted, keys.case_count() * (p + 1) / wanted,
                  [&](std::uint32_t touchpoint) { ++parts[p].ends[touchpoint]; });
  });
  Steps steps;
  Flows out = add_up(parts, names, options.medians, steps);
  if (options.medians) {
    round([&](Part& part, std::uint32_t source, std::uint32_t target,
              std::int64_t ns) { steps.ns[part.cursor[part.counts.cell(source, target)]++] = ns; },
          [](Part&, std::uint32_t) {});
    find_medians(out, steps, options.threads, cancellation);
  }
  return out;
}

Flows of_rows_in_any_order(const events::EventKeys& keys, const FlowsOptions& options,
                           const base::Cancellation& cancellation) {
  const std::size_t n = keys.row_count();
  std::vector<std::uint32_t> cases(n), touchpoints(n);
  std::vector<std::int64_t> times(n);
  constexpr std::size_t rows_at_once = std::size_t{1} << 16U;
  base::parallel_for(n, rows_at_once, options.threads, cancellation, [&](std::size_t begin, std::size_t end) {
    keys.read(begin, end, cases.data() + begin, touchpoints.data() + begin, times.data() + begin);
    for (std::size_t k = begin; k < end; ++k) times[k] *= keys.unit_ns();
  });
  const events::Ordered ordered = events::order_rows(cases, keys.case_count(), times, {}, cancellation);
  if (!ordered.as_it_was) {
    times = {};
    base::parallel_for(n, rows_at_once, options.threads, cancellation, [&](std::size_t begin, std::size_t end) {
      for (std::size_t k = begin; k < end; ++k) cases[k] = touchpoints[ordered.rows[k]];
    });
    std::swap(cases, touchpoints);
  }
  return of_ordered({touchpoints, ordered.as_it_was ? times : ordered.times, {}, ordered.offsets},
                    keys.touchpoint_names(), options, cancellation);
}

// Touchpoints in byte order of their names; those without an event are left out.
Flows canonical(Flows flows, const base::Cancellation& cancellation) {
  Flows out;
  std::vector<std::uint32_t> position(flows.names.size(), base::kMissingCode);
  for (const std::uint32_t old : base::byte_order(flows.names, cancellation)) {
    if (flows.events[old] == 0) continue;
    position[old] = static_cast<std::uint32_t>(out.names.size());
    out.names.push_back(flows.names[old]);
    out.events.push_back(flows.events[old]);
    out.starts.push_back(flows.starts[old]);
    out.ends.push_back(flows.ends[old]);
  }
  out.edges = std::move(flows.edges);
  for (Flow& edge : out.edges) {
    edge.source = position[edge.source];
    edge.target = position[edge.target];
  }
  out.cases = flows.cases;
  sort_edges(out);
  return out;
}

}  // namespace

Flows flows(const events::EventLog& log, const FlowsOptions& options, const base::Cancellation& cancellation) {
  return canonical(of_ordered({log.touchpoints(), log.times(), log.end_times(), log.case_offsets()},
                              log.touchpoint_names(), options, cancellation),
                   cancellation);
}

Flows flows(const events::EventKeys& keys, const FlowsOptions& options, const base::Cancellation& cancellation) {
  auto found = SmallLast::holds(keys) ? of_rows_in_time<SmallLast>(keys, options, cancellation)
                                      : of_rows_in_time<WideLast>(keys, options, cancellation);
  if (found) return canonical(*std::move(found), cancellation);
  return canonical(of_rows_in_any_order(keys, options, cancellation), cancellation);
}

}  // namespace journeykit::discovery
