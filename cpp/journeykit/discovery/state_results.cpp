#include <algorithm>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/discovery/detail_columns.hpp"
#include "journeykit/discovery/detail_observed.hpp"
#include "journeykit/discovery/state.hpp"

namespace journeykit::discovery {
namespace {

std::shared_ptr<const base::Dictionary> names_of(const FlowState& state) {
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

DirectlyFollows graph_of(const FlowState& state) {
  DirectlyFollows graph;
  graph.cases = graph.customers = state.cases;
  graph.events = state.events;
  for (const TouchpointTally& t : state.touchpoints) {
    graph.touchpoints.push_back({t.events, t.cases, t.cases, t.starts, t.ends, t.open_ends, t.durations.summary()});
  }
  for (const std::uint32_t k : by_count(state.edges, &EdgeTally::count)) {
    const EdgeTally& edge = state.edges[k];
    graph.edges.push_back({edge.source, edge.target, edge.count, edge.cases, *edge.times.summary()});
  }
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
  const auto names = names_of(state);
  base::Category source{{}, names}, target{{}, names};
  base::Integers count, cases;
  base::Reals share;
  TimeColumns times;
  HowColumn how;
  for (const std::uint32_t k : by_count(state.edges, &EdgeTally::count)) {
    const EdgeTally& edge = state.edges[k];
    source.codes.push_back(edge.source);
    target.codes.push_back(edge.target);
    count.values.push_back(edge.count);
    cases.values.push_back(edge.cases);
    share.values.push_back(share_of(edge.count, state.touchpoints[edge.source].events));
    times.append(edge.times.summary());
    how.append(edge.times);
  }
  base::Table out;
  out.add("source", std::move(source));
  out.add("target", std::move(target));
  out.add("count", std::move(count));
  out.add("cases", std::move(cases));
  out.add("share", std::move(share));
  std::move(times).add_to(out, "");
  std::move(how).add_to(out);
  return out;
}

base::Table touchpoint_table(const FlowState& state) {
  base::Category touchpoint{{}, names_of(state)};
  base::Integers events, cases, customers, starts, ends, open_ends;
  TimeColumns durations;
  HowColumn how;
  for (const std::uint32_t k : by_count(state.touchpoints, &TouchpointTally::events)) {
    const TouchpointTally& t = state.touchpoints[k];
    touchpoint.codes.push_back(k);
    events.values.push_back(t.events);
    cases.values.push_back(t.cases);
    customers.values.push_back(t.cases);
    starts.values.push_back(t.starts);
    ends.values.push_back(t.ends);
    open_ends.values.push_back(state.options.status ? t.open_ends : base::kMissingInteger);
    durations.append(t.durations.summary());
    how.append(t.durations);
  }
  base::Table out;
  out.add("touchpoint", std::move(touchpoint));
  out.add("events", std::move(events));
  out.add("cases", std::move(cases));
  out.add("customers", std::move(customers));
  out.add("starts", std::move(starts));
  out.add("ends", std::move(ends));
  out.add("open_ends", std::move(open_ends));
  if (std::ranges::any_of(state.touchpoints, [](const TouchpointTally& t) { return t.durations.n() > 0; })) {
    std::move(durations).add_to(out, "duration_");
    std::move(how).add_to(out);
  }
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
  auto texts = std::make_shared<base::Dictionary>();
  auto examples = std::make_shared<base::Dictionary>();
  base::Category text, example;
  base::Integers steps, cases;
  base::Reals share, median;
  HowColumn how;
  for (const std::uint32_t k : by_count(state.variants, &VariantTally::cases)) {
    const VariantTally& variant = state.variants[k];
    std::string path;
    for (const std::uint32_t step : variant.steps) {
      if (!path.empty()) path += " → ";
      path += state.touchpoints[step].name;
    }
    text.codes.push_back(static_cast<std::uint32_t>(texts->values.size()));
    example.codes.push_back(text.codes.back());
    texts->values.push_back(std::move(path));
    examples->values.push_back(variant.example_case);
    steps.values.push_back(static_cast<std::int64_t>(variant.steps.size()));
    cases.values.push_back(variant.cases);
    share.values.push_back(share_of(variant.cases, state.cases));
    median.values.push_back(variant.durations.summary()->median_seconds);
    how.append(variant.durations);
  }
  text.dictionary = std::move(texts);
  example.dictionary = std::move(examples);
  base::Table out;
  out.add("variant", std::move(text));
  out.add("steps", std::move(steps));
  out.add("cases", std::move(cases));
  out.add("share", std::move(share));
  out.add("median_seconds", std::move(median));
  out.add("example_case", std::move(example));
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
