#include <algorithm>
#include <numeric>

#include "journeykit/discovery/detail_columns.hpp"
#include "journeykit/discovery/directly_follows.hpp"

namespace journeykit::discovery {

base::Table edge_table(const events::EventLog& log, const Segments& segments, std::span<const DirectlyFollows> graphs) {
  std::vector<std::uint32_t> segment;
  base::Category source = touchpoint_column(log), target = touchpoint_column(log);
  base::Integers count, cases;
  base::Reals share;
  TimeColumns times;
  for (std::size_t s = 0; s < graphs.size(); ++s) {
    for (const Edge& edge : graphs[s].edges) {
      segment.push_back(static_cast<std::uint32_t>(s));
      source.codes.push_back(edge.source);
      target.codes.push_back(edge.target);
      count.values.push_back(edge.count);
      cases.values.push_back(edge.cases);
      share.values.push_back(share_of(edge.count, graphs[s].touchpoints[edge.source].events));
      times.append(edge.times);
    }
  }
  base::Table out;
  out.add("source", std::move(source));
  out.add("target", std::move(target));
  out.add("count", std::move(count));
  out.add("cases", std::move(cases));
  out.add("share", std::move(share));
  std::move(times).add_to(out, "");
  return with_keys(segments, segment, std::move(out));
}

base::Table touchpoint_table(const events::EventLog& log, const Segments& segments,
                             std::span<const DirectlyFollows> graphs) {
  std::vector<std::uint32_t> segment;
  base::Category touchpoint = touchpoint_column(log);
  base::Integers events, cases, customers, starts, ends, open_ends;
  TimeColumns durations;
  for (std::size_t s = 0; s < graphs.size(); ++s) {
    const std::vector<TouchpointCounts>& counts = graphs[s].touchpoints;
    std::vector<std::uint32_t> order(counts.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return counts[a].events > counts[b].events; });
    for (const std::uint32_t t : order) {
      if (counts[t].events == 0) break;
      segment.push_back(static_cast<std::uint32_t>(s));
      touchpoint.codes.push_back(t);
      events.values.push_back(counts[t].events);
      cases.values.push_back(counts[t].cases);
      customers.values.push_back(counts[t].customers);
      starts.values.push_back(counts[t].starts);
      ends.values.push_back(counts[t].ends);
      open_ends.values.push_back(counts[t].open_ends);
      durations.append(counts[t].duration);
    }
  }
  base::Table out;
  out.add("touchpoint", std::move(touchpoint));
  out.add("events", std::move(events));
  out.add("cases", std::move(cases));
  out.add("customers", std::move(customers));
  out.add("starts", std::move(starts));
  out.add("ends", std::move(ends));
  out.add("open_ends", std::move(open_ends));
  if (log.has(events::Role::EndTime)) std::move(durations).add_to(out, "duration_");
  return with_keys(segments, segment, std::move(out));
}

}  // namespace journeykit::discovery
