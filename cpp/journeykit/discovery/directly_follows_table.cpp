#include <algorithm>
#include <numeric>

#include "journeykit/discovery/detail_graph_columns.hpp"

namespace journeykit::discovery {

base::Table edge_table(const events::EventLog& log, const Segments& segments, std::span<const DirectlyFollows> graphs) {
  std::vector<std::uint32_t> segment;
  EdgeColumns columns(log.category(events::Role::Touchpoint).dictionary);
  for (std::size_t s = 0; s < graphs.size(); ++s) {
    for (const Edge& edge : graphs[s].edges) {
      segment.push_back(static_cast<std::uint32_t>(s));
      columns.append(edge, graphs[s].touchpoints[edge.source].events);
    }
  }
  return with_keys(segments, segment, std::move(columns).table());
}

base::Table touchpoint_table(const events::EventLog& log, const Segments& segments,
                             std::span<const DirectlyFollows> graphs) {
  std::vector<std::uint32_t> segment;
  TouchpointColumns columns(log.category(events::Role::Touchpoint).dictionary);
  for (std::size_t s = 0; s < graphs.size(); ++s) {
    const std::vector<TouchpointCounts>& counts = graphs[s].touchpoints;
    std::vector<std::uint32_t> order(counts.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return counts[a].events > counts[b].events; });
    for (const std::uint32_t t : order) {
      if (counts[t].events == 0) break;
      segment.push_back(static_cast<std::uint32_t>(s));
      columns.append(t, counts[t]);
    }
  }
  return with_keys(segments, segment, std::move(columns).table(log.has(events::Role::EndTime)));
}

}  // namespace journeykit::discovery
