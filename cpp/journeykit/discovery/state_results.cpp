#include <algorithm>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/discovery/detail_graph_columns.hpp"
#include "journeykit/discovery/detail_observed.hpp"
#include "journeykit/discovery/state.hpp"

namespace journeykit::discovery {
namespace {

Names names_of(const FlowState& state) {
  auto names = std::make_shared<base::Dictionary>();
  for (const TouchpointTally& touchpoint : state.touchpoints) names->values.push_back(touchpoint.name);
  return names;
}

// "exact" or "sketch" for each row; missing where there are no times.
class HowColumn {
 public:
  void append(const DurationStore& store) {
    codes_.push_back(store.n() == 0 ? base::kMissingCode : store.exact() ? 0 : 1);
  }
  void add_to(base::Table& table) && {
    table.add("times", base::Category{std::move(codes_),
                                      std::make_shared<const base::Dictionary>(base::Dictionary{{"exact", "sketch"}})});
  }

 private:
  std::vector<std::uint32_t> codes_;
};

// Places of `tallies` by `count` descending, then as they stand.
template <class Tally>
std::vector<std::uint32_t> by_count(const std::vector<Tally>& tallies, std::int64_t Tally::*count) {
  std::vector<std::uint32_t> order(tallies.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return tallies[a].*count > tallies[b].*count; });
  return order;
}

TouchpointCounts counts_of(const TouchpointTally& t) {
  return {t.events, t.cases, t.cases, t.starts, t.ends, t.open_ends, t.durations.summary()};
}

Edge edge_of(const EdgeTally& edge) {
  return {edge.source, edge.target, edge.count, edge.cases, *edge.times.summary()};
}

DirectlyFollows graph_of(const FlowState& state) {
  DirectlyFollows graph;
  graph.cases = graph.customers = state.cases;
  graph.events = state.events;
  for (const TouchpointTally& touchpoint : state.touchpoints) graph.touchpoints.push_back(counts_of(touchpoint));
  for (const std::uint32_t k : by_count(state.edges, &EdgeTally::count)) graph.edges.push_back(edge_of(state.edges[k]));
  return graph;
}

std::vector<std::string> keys_of(const std::map<std::string, std::int64_t>& counts) {
  std::vector<std::string> out;
  for (const auto& [name, count] : counts) out.push_back(name);
  return out;
}

void check_variants(const FlowState& state) {
  if (state.options.most_variants == 0) {
    throw base::InvalidInput("this state has counted no variants; make it with variants=True");
  }
}

}  // namespace

base::Table edge_table(const FlowState& state) {
  EdgeColumns columns(names_of(state));
  HowColumn how;
  for (const std::uint32_t k : by_count(state.edges, &EdgeTally::count)) {
    const EdgeTally& edge = state.edges[k];
    columns.append(edge_of(edge), state.touchpoints[edge.source].events);
    how.append(edge.times);
  }
  base::Table out = std::move(columns).table();
  std::move(how).add_to(out);
  return out;
}

base::Table touchpoint_table(const FlowState& state) {
  TouchpointColumns columns(names_of(state));
  HowColumn how;
  bool durations = false;
  for (const std::uint32_t k : by_count(state.touchpoints, &TouchpointTally::events)) {
    TouchpointCounts counts = counts_of(state.touchpoints[k]);
    if (!state.options.status) counts.open_ends = base::kMissingInteger;
    durations = durations || counts.duration;
    columns.append(k, counts);
    how.append(state.touchpoints[k].durations);
  }
  base::Table out = std::move(columns).table(durations);
  if (durations) std::move(how).add_to(out);
  return out;
}

base::Table case_duration_table(const FlowState& state) {
  TimeColumns times;
  HowColumn how;
  times.append(state.case_durations.summary());
  how.append(state.case_durations);
  base::Table out;
  out.add("cases", base::Integers{{state.cases}});
  out.add("customers", base::Integers{{state.cases}});
  out.add("events", base::Integers{{state.events}});
  std::move(times).add_to(out, "");
  std::move(how).add_to(out);
  return out;
}

base::Table variant_table(const FlowState& state) {
  check_variants(state);
  auto examples = std::make_shared<base::Dictionary>();
  base::Category example;
  VariantColumns columns;
  HowColumn how;
  for (const std::uint32_t k : by_count(state.variants, &VariantTally::cases)) {
    const VariantTally& variant = state.variants[k];
    example.codes.push_back(static_cast<std::uint32_t>(examples->values.size()));
    examples->values.push_back(variant.example_case);
    columns.append(variant.steps.size(), variant.cases, state.cases, variant.durations.summary()->median_seconds);
    how.append(variant.durations);
  }
  example.dictionary = std::move(examples);
  base::Table out = std::move(columns).table(std::move(example));
  std::move(how).add_to(out);
  return out;
}

base::Table variant_steps(const FlowState& state) {
  check_variants(state);
  base::Category out{{}, names_of(state)};
  for (const std::uint32_t k : by_count(state.variants, &VariantTally::cases)) {
    out.codes.insert(out.codes.end(), state.variants[k].steps.begin(), state.variants[k].steps.end());
  }
  base::Table table;
  table.add("touchpoint", std::move(out));
  return table;
}

journey::JourneyMap discover(const FlowState& state, const DiscoverOptions& options,
                             const base::Cancellation& cancellation) {
  const auto names = names_of(state);
  const DirectlyFollows graph = graph_of(state);
  Observed seen{names->values, graph, {}, {}};
  Standing standing;
  constexpr double one = 1073741824.0;  // 2^30
  for (const TouchpointTally& t : state.touchpoints) {
    seen.channels.push_back(keys_of(t.channels));
    seen.departments.push_back(keys_of(t.departments));
    standing.position.push_back(t.position.rounded() / static_cast<double>(t.events) / one);
    standing.events.push_back(t.events);
    standing.cases.push_back(t.cases);
  }
  check_names(names->values, options);
  const Stages stages = options.stages.empty() ? propose_stages(names->values, std::move(standing))
                                               : planned_stages(names->values, options.stages, standing, cancellation);
  return observed_map(seen, stages, options, cancellation);
}

}  // namespace journeykit::discovery
