#include "journeykit/discovery/discover.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "journeykit/base/error.hpp"
#include "journeykit/discovery/detail_edge_index.hpp"
#include "journeykit/discovery/detail_observed.hpp"

namespace journeykit::discovery {
namespace {

using journey::Evidence;
using journey::JourneyMap;

constexpr std::size_t kBetweenChecks = 1024;

// Sorted, distinct values of a column at each touchpoint in the cases given.
std::vector<std::vector<std::string>> values_seen(const events::EventLog& log, events::Role role,
                                                  std::span<const std::uint32_t> cases,
                                                  const base::Cancellation& cancellation) {
  std::vector<std::vector<std::string>> out(log.touchpoint_names().size());
  if (!log.has(role)) return out;
  const base::Category& column = log.category(role);
  const auto touchpoints = log.touchpoints();
  const auto offsets = log.case_offsets();
  std::size_t events = 0;
  for (const std::uint32_t c : cases) events += offsets[c + 1] - offsets[c];
  EdgeIndex met(std::max(out.size(), column.dictionary->values.size()), events);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    if (k % kBetweenChecks == 0) cancellation.check();
    for (std::size_t e = offsets[cases[k]]; e < offsets[cases[k] + 1]; ++e) {
      const std::uint32_t value = column.codes[e];
      if (value != base::kMissingCode && !column.dictionary->values[value].empty()) met.number(touchpoints[e], value);
    }
  }
  std::vector<std::uint64_t> pairs(met.pairs().begin(), met.pairs().end());
  std::ranges::sort(pairs);
  for (const std::uint64_t pair : pairs) {
    out[pair >> 32U].push_back(column.dictionary->values[static_cast<std::uint32_t>(pair)]);
  }
  return out;
}

journey::TouchpointStatistics statistics_of(const TouchpointCounts& counts) {
  journey::TouchpointStatistics out;
  out.events = counts.events;
  out.cases = counts.cases;
  out.customers = counts.customers;
  out.starts = counts.starts;
  out.ends = counts.ends;
  out.duration = counts.duration;
  return out;
}

void observe(journey::Transition& transition, const Edge& edge, const DirectlyFollows& graph) {
  transition.count = edge.count;
  transition.cases = edge.cases;
  transition.probability = static_cast<double>(edge.count) / static_cast<double>(graph.touchpoints[edge.source].events);
  transition.times = edge.times;
  transition.evidence = Evidence::Observed;
}

journey::About about(journey::About from, const DirectlyFollows& graph) {
  from.cases = graph.cases;
  from.events = graph.events;
  return from;
}

Evidence at_most_partly(Evidence drawn) { return std::min(drawn, Evidence::PartlyObserved); }

// Stages and scenes are known as well as the touchpoints in them.
template <class Element>
std::vector<Element> with_evidence(std::vector<Element> elements, const std::vector<journey::Touchpoint>& touchpoints,
                                   std::string journey::Touchpoint::*belongs) {
  std::unordered_map<std::string_view, std::pair<std::int64_t, std::int64_t>> seen_of;
  for (const journey::Touchpoint& touchpoint : touchpoints) {
    auto& [seen, all] = seen_of[touchpoint.*belongs];
    seen += touchpoint.evidence == Evidence::Observed ? 1 : 0;
    ++all;
  }
  for (Element& element : elements) {
    const auto [seen, all] = seen_of[element.id];
    element.evidence = seen == 0     ? at_most_partly(element.evidence)
                       : seen == all ? Evidence::Observed
                                     : Evidence::PartlyObserved;
  }
  return elements;
}

JourneyMap loaded_map(const JourneyMap& drawn, const events::EventLog& log, const DirectlyFollows& graph,
                      std::span<const std::uint32_t> cases, const DiscoverOptions& options,
                      const base::Cancellation& cancellation) {
  const auto& names = log.touchpoint_names();
  const auto channels = values_seen(log, events::Role::Channel, cases, cancellation);
  const auto departments = values_seen(log, events::Role::Department, cases, cancellation);
  JourneyMap map = drawn;
  map.set_about(about(drawn.about(), graph));
  std::vector<std::string> ids = drawn_ids(drawn, log);
  std::unordered_map<std::string_view, std::uint32_t> code_of_id;
  std::vector<std::uint8_t> kept(names.size(), 0);
  for (std::uint32_t t = 0; t < names.size(); ++t) {
    if (!ids[t].empty()) {
      code_of_id.emplace(ids[t], t);
      kept[t] = 1;
    }
  }
  const std::vector<journey::Touchpoint> drawn_touchpoints = drawn.touchpoints();
  for (journey::Touchpoint touchpoint : drawn_touchpoints) {
    const auto at = code_of_id.find(touchpoint.id);
    const bool seen = at != code_of_id.end() && graph.touchpoints[at->second].events > 0;
    touchpoint.statistics = seen ? statistics_of(graph.touchpoints[at->second]) : journey::TouchpointStatistics{};
    touchpoint.evidence = seen ? Evidence::Observed : at_most_partly(touchpoint.evidence);
    if (seen) {
      const auto add_all = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
        to.insert(to.end(), from.begin(), from.end());  // the map keeps them sorted, each once
      };
      add_all(touchpoint.channels, channels[at->second]);
      add_all(touchpoint.departments, departments[at->second]);
    }
    map.put(std::move(touchpoint));
  }
  for (std::uint32_t t = 0; t < names.size(); ++t) {
    if (t % kBetweenChecks == 0) cancellation.check();
    if (!ids[t].empty() || graph.touchpoints[t].cases < options.minimum_cases) continue;
    const auto& stages = map.stages();
    if (std::ranges::find(stages, kUndrawnStage, &journey::Stage::id) == stages.end()) {
      journey::Stage stage;
      stage.id = stage.name = kUndrawnStage;
      map.add(std::move(stage));
    }
    journey::Touchpoint touchpoint;
    touchpoint.id = touchpoint.name = ids[t] = names[t];
    touchpoint.stage = kUndrawnStage;
    touchpoint.channels = channels[t];
    touchpoint.departments = departments[t];
    touchpoint.statistics = statistics_of(graph.touchpoints[t]);
    touchpoint.evidence = Evidence::Observed;
    map.add(std::move(touchpoint));
    kept[t] = 1;
  }
  for (journey::Transition transition : drawn.transitions()) {
    const auto source = code_of_id.find(transition.source);
    const bool left = source != code_of_id.end() && graph.touchpoints[source->second].events > 0;
    transition.count = transition.cases = 0;
    transition.probability = left ? std::optional(0.0) : std::nullopt;
    transition.times.reset();
    transition.evidence = at_most_partly(transition.evidence);
    map.put(std::move(transition));
  }
  for (const Edge& edge : graph.edges) {
    if (map.transition_count() % kBetweenChecks == 0) cancellation.check();
    if (kept[edge.source] == 0 || kept[edge.target] == 0) continue;
    const std::string& source = ids[edge.source];
    const std::string& target = ids[edge.target];
    journey::Transition transition;
    if (map.has_transition(source, target)) {
      transition = map.transition(source, target);
    } else if (edge.cases < options.minimum_cases) {
      continue;
    }
    transition.source = source;
    transition.target = target;
    observe(transition, edge, graph);
    map.put(std::move(transition));
  }
  const std::vector<journey::Touchpoint> touchpoints = map.touchpoints();
  for (auto& stage : with_evidence(map.stages(), touchpoints, &journey::Touchpoint::stage)) map.put(std::move(stage));
  for (auto& scene : with_evidence(map.scenes(), touchpoints, &journey::Touchpoint::scene)) map.put(std::move(scene));
  return map;
}

void check_names(const std::vector<std::string>& names) {
  if (std::ranges::find(names, std::string()) != names.end()) {
    throw base::InvalidInput("the log has a touchpoint with an empty name, which no map can hold; rename it first");
  }
}

}  // namespace

JourneyMap observed_map(const Observed& seen, const Stages& stages, const DiscoverOptions& options,
                        const base::Cancellation& cancellation) {
  const auto& names = seen.names;
  const DirectlyFollows& graph = seen.graph;
  JourneyMap map(about({options.name, {}, {}, {}, {}}, graph));
  for (const journey::Stage& stage : stages.stages) map.add(stage);
  std::vector<std::uint32_t> order(names.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return std::pair(stages.of_touchpoint[a], stages.position[a]) <
           std::pair(stages.of_touchpoint[b], stages.position[b]);
  });
  const auto kept = [&](std::uint32_t t) { return graph.touchpoints[t].cases >= options.minimum_cases; };
  for (const std::uint32_t t : order) {
    if (t % kBetweenChecks == 0) cancellation.check();
    if (!kept(t)) continue;
    journey::Touchpoint touchpoint;
    touchpoint.id = touchpoint.name = names[t];
    touchpoint.stage = stages.stages[stages.of_touchpoint[t]].id;
    touchpoint.channels = seen.channels[t];
    touchpoint.departments = seen.departments[t];
    touchpoint.statistics = statistics_of(graph.touchpoints[t]);
    touchpoint.evidence = Evidence::Observed;
    map.add(std::move(touchpoint));
  }
  for (const Edge& edge : graph.edges) {
    if (map.transition_count() % kBetweenChecks == 0) cancellation.check();
    if (edge.cases < options.minimum_cases || !kept(edge.source) || !kept(edge.target)) continue;
    journey::Transition transition;
    transition.source = names[edge.source];
    transition.target = names[edge.target];
    observe(transition, edge, graph);
    map.add(std::move(transition));
  }
  return map;
}

void check_names(const std::vector<std::string>& names, const DiscoverOptions& options) {
  if (options.minimum_cases < 1) {
    throw base::InvalidInput("minimum_cases is " + std::to_string(options.minimum_cases) + "; expected 1 or more");
  }
  check_names(names);
}

std::vector<JourneyMap> discover(const events::EventLog& log, const Segments& segments, const DiscoverOptions& options,
                                 const base::Cancellation& cancellation) {
  check_names(log.touchpoint_names(), options);
  const Stages stages =
      options.stages.empty() ? propose_stages(log, cancellation) : planned_stages(log, options.stages, cancellation);
  const auto graphs = directly_follows(log, segments, {options.threads}, cancellation);
  std::vector<JourneyMap> out;
  for (std::size_t s = 0; s < graphs.size(); ++s) {
    const auto cases = segments.cases_of(s);
    const Observed seen{log.touchpoint_names(), graphs[s], values_seen(log, events::Role::Channel, cases, cancellation),
                        values_seen(log, events::Role::Department, cases, cancellation)};
    out.push_back(observed_map(seen, stages, options, cancellation));
  }
  return out;
}

std::vector<JourneyMap> load_onto(const JourneyMap& drawn, const events::EventLog& log, const Segments& segments,
                                  const DiscoverOptions& options, const base::Cancellation& cancellation) {
  check_names(log.touchpoint_names(), options);
  const auto graphs = directly_follows(log, segments, {options.threads}, cancellation);
  std::vector<JourneyMap> out;
  for (std::size_t s = 0; s < graphs.size(); ++s) {
    out.push_back(loaded_map(drawn, log, graphs[s], segments.cases_of(s), options, cancellation));
  }
  return out;
}

std::vector<std::string> drawn_ids(const JourneyMap& drawn, const events::EventLog& log) {
  check_names(log.touchpoint_names());
  const std::vector<journey::Touchpoint> touchpoints = drawn.touchpoints();
  std::unordered_map<std::string_view, std::size_t> by_id, by_name;
  std::unordered_set<std::string_view> names_seen_twice;
  for (std::size_t k = 0; k < touchpoints.size(); ++k) {
    by_id.emplace(touchpoints[k].id, k);
    if (!by_name.emplace(touchpoints[k].name, k).second) names_seen_twice.insert(touchpoints[k].name);
  }
  const auto& names = log.touchpoint_names();
  std::vector<std::string> out(names.size());
  std::vector<std::uint8_t> taken(touchpoints.size(), 0);
  for (std::size_t t = 0; t < names.size(); ++t) {
    if (const auto at = by_id.find(names[t]); at != by_id.end()) {
      out[t] = names[t];
      taken[at->second] = 1;
    }
  }
  for (std::size_t t = 0; t < names.size(); ++t) {
    const auto at = by_name.find(names[t]);
    if (!out[t].empty() || at == by_name.end() || taken[at->second] != 0 || names_seen_twice.contains(names[t]))
      continue;
    out[t] = touchpoints[at->second].id;
  }
  return out;
}

}  // namespace journeykit::discovery
