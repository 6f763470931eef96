#include "journeykit/discovery/compare.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "journeykit/base/text_column.hpp"
#include "journeykit/discovery/detail_columns.hpp"
#include "journeykit/discovery/directly_follows.hpp"
#include "journeykit/discovery/discover.hpp"

namespace journeykit::discovery {
namespace {

struct Step {
  std::int64_t count = 0, cases = 0;
  bool drawn = false;
};
using Steps = std::map<std::pair<std::string, std::string>, Step>;  // source "" : an entry; ids are never empty

std::vector<std::string> drawn_entries(const journey::JourneyMap& map) {
  const std::vector<journey::Touchpoint> touchpoints = map.touchpoints();
  std::vector<std::string> out;
  for (const auto& touchpoint : touchpoints) {
    const auto before = map.predecessors(touchpoint.id);
    const bool nothing_before = std::ranges::all_of(before, [&](const auto& id) { return id == touchpoint.id; });
    if (nothing_before || (touchpoint.statistics && touchpoint.statistics->starts > 0)) out.push_back(touchpoint.id);
  }
  for (auto stage = map.stages().begin(); stage != map.stages().end() && out.empty(); ++stage) {
    for (const auto& touchpoint : touchpoints) {
      if (touchpoint.stage == stage->id) out.push_back(touchpoint.id);
    }
  }
  return out;
}

base::Table edge_rows(const Steps& steps, std::int64_t total) {
  std::vector<Steps::const_iterator> order;
  for (auto at = steps.begin(); at != steps.end(); ++at) order.push_back(at);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tuple(-a->second.count, !a->second.drawn) < std::tuple(-b->second.count, !b->second.drawn);
  });
  base::TextColumn source, target;
  base::Booleans drawn;
  base::Integers count, cases;
  base::Reals share;
  for (const auto& at : order) {
    source.add(at->first.first);
    target.add(at->first.second);
    drawn.values.push_back(at->second.drawn ? 1 : 0);
    count.values.push_back(at->second.count);
    cases.values.push_back(at->second.cases);
    share.values.push_back(share_of(at->second.count, total));
  }
  base::Table out;
  out.add("source", source.finish());
  out.add("target", target.finish());
  out.add("drawn", std::move(drawn));
  out.add("count", std::move(count));
  out.add("cases", std::move(cases));
  out.add("share_of_steps", std::move(share));
  return out;
}

base::Table touchpoint_rows(const journey::JourneyMap& map, const std::vector<std::string>& ids,
                            const DirectlyFollows& graph) {
  struct Row {
    std::int64_t events = 0, cases = 0;
    bool drawn = false;
  };
  std::map<std::string, Row> rows;
  for (const auto& touchpoint : map.touchpoints()) rows[touchpoint.id].drawn = true;
  for (std::size_t t = 0; t < ids.size(); ++t) {
    rows[ids[t]].events = graph.touchpoints[t].events;
    rows[ids[t]].cases = graph.touchpoints[t].cases;
  }
  std::vector<std::pair<std::string, Row>> order(rows.begin(), rows.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second.events > b.second.events; });
  base::TextColumn names;
  base::Booleans drawn;
  base::Integers events, cases;
  for (const auto& [name, row] : order) {
    names.add(name);
    drawn.values.push_back(row.drawn ? 1 : 0);
    events.values.push_back(row.events);
    cases.values.push_back(row.cases);
  }
  base::Table out;
  out.add("touchpoint", names.finish());
  out.add("drawn", std::move(drawn));
  out.add("events", std::move(events));
  out.add("cases", std::move(cases));
  return out;
}

}  // namespace

Comparison compare(const journey::JourneyMap& drawn, const events::EventLog& log, unsigned threads,
                   const base::Cancellation& cancellation) {
  const DirectlyFollows graph = directly_follows(log, {threads}, cancellation);
  std::vector<std::string> ids = drawn_ids(drawn, log);
  for (std::size_t t = 0; t < ids.size(); ++t) {
    if (ids[t].empty()) ids[t] = log.touchpoint_names()[t];
  }
  Steps steps;
  for (const std::string& entry : drawn_entries(drawn)) steps[{"", entry}].drawn = true;
  for (const auto& transition : drawn.transitions()) steps[{transition.source, transition.target}].drawn = true;
  for (std::size_t t = 0; t < ids.size(); ++t) {
    const std::int64_t starts = graph.touchpoints[t].starts;
    if (starts == 0) continue;
    Step& entry = steps[{"", ids[t]}];
    entry.count = entry.cases = starts;
  }
  for (const Edge& edge : graph.edges) {
    Step& step = steps[{ids[edge.source], ids[edge.target]}];
    step.count = edge.count;
    step.cases = edge.cases;
  }
  Comparison out;
  out.steps = graph.events;
  for (const auto& [edge, step] : steps) {
    out.drawn_edges += step.drawn ? 1 : 0;
    out.drawn_steps += step.drawn ? step.count : 0;
    out.unused_edges += step.drawn && step.count == 0 ? 1 : 0;
    out.undrawn_edges += step.drawn ? 0 : 1;
  }
  out.edges = edge_rows(steps, out.steps);
  out.touchpoints = touchpoint_rows(drawn, ids, graph);
  return out;
}

}  // namespace journeykit::discovery
