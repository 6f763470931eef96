#include <algorithm>

#include "journeykit/discovery/state.hpp"

namespace journeykit::discovery {
namespace {

constexpr std::string_view kMagic = "journeykit flow\n";
constexpr std::uint32_t kVersion = 1;

void write(base::ByteWriter& out, const std::map<std::string, std::int64_t>& counts) {
  out.count(counts.size());
  for (const auto& [name, count] : counts) {
    out.text(name);
    out.number(count);
  }
}

std::map<std::string, std::int64_t> read_counts(base::ByteReader& in) {
  std::map<std::string, std::int64_t> counts;
  for (std::uint64_t left = in.length(); left > 0; --left) {
    std::string name = in.text();
    if (!counts.empty() && name <= counts.rbegin()->first) in.refuse("names are out of order");
    counts.emplace_hint(counts.end(), std::move(name), in.tally());
  }
  return counts;
}

TouchpointTally read_touchpoint(base::ByteReader& in, std::size_t exact_up_to) {
  TouchpointTally t;
  t.name = in.text();
  for (auto* count : {&t.events, &t.cases, &t.starts, &t.ends, &t.open_ends}) *count = in.tally();
  t.position = read_wide(in);
  t.durations = DurationStore::read(in, exact_up_to);
  t.channels = read_counts(in);
  t.departments = read_counts(in);
  constexpr double one = 1073741824.0;  // a position is from 0 to 2^30
  const double position = t.position.rounded();
  if (t.events < t.cases || t.cases < 1 || t.durations.n() > t.events || position < 0 ||
      position > one * static_cast<double>(t.events)) {
    in.refuse("numbers do not fit each other");
  }
  return t;
}

}  // namespace

std::string to_bytes(const FlowState& state) {
  base::ByteWriter out(kMagic, kVersion);
  events::write(out, state.options.status);
  out.count(state.options.exact_up_to);
  out.count(state.options.most_variants);
  out.number(state.cases);
  out.number(state.events);
  state.case_durations.write(out);
  out.count(state.touchpoints.size());
  for (const TouchpointTally& t : state.touchpoints) {
    out.text(t.name);
    for (const std::int64_t count : {t.events, t.cases, t.starts, t.ends, t.open_ends}) out.number(count);
    write_wide(out, t.position);
    t.durations.write(out);
    write(out, t.channels);
    write(out, t.departments);
  }
  out.count(state.edges.size());
  for (const EdgeTally& edge : state.edges) {
    out.count(edge.source);
    out.count(edge.target);
    out.number(edge.cases);
    edge.times.write(out);  // begins with the count
  }
  out.count(state.variants.size());
  for (const VariantTally& variant : state.variants) {
    out.count(variant.steps.size());
    for (const std::uint32_t step : variant.steps) out.count(step);
    out.text(variant.example_case);
    variant.durations.write(out);  // begins with the number of cases
  }
  return std::move(out).finish();
}

FlowState flow_state_from_bytes(std::string_view bytes) {
  base::ByteReader in(bytes, kMagic, kVersion, "a flow state");
  FlowState state;
  state.options.status = events::read_rule(in);
  state.options.exact_up_to = in.count();
  state.options.most_variants = in.count();
  const std::size_t exact_up_to = state.options.exact_up_to;
  state.cases = in.tally();
  state.events = in.tally();
  state.case_durations = DurationStore::read(in, exact_up_to);
  for (std::uint64_t left = in.length(); left > 0; --left) {
    state.touchpoints.push_back(read_touchpoint(in, exact_up_to));
    const std::size_t n = state.touchpoints.size();
    if (n > 1 && state.touchpoints[n - 2].name >= state.touchpoints[n - 1].name) in.refuse("names are out of order");
  }
  std::int64_t events = 0, starts = 0, ends = 0;
  for (const TouchpointTally& t : state.touchpoints) {
    events = base::add_tallies(events, t.events);
    starts = base::add_tallies(starts, t.starts);
    ends = base::add_tallies(ends, t.ends);
  }
  if (events != state.events || starts != state.cases || ends != state.cases) {
    in.refuse("numbers do not fit each other");
  }
  const std::uint64_t names = state.touchpoints.size();
  for (std::uint64_t left = in.length(); left > 0; --left) {
    EdgeTally edge;
    edge.source = static_cast<std::uint32_t>(in.count_below(names));
    edge.target = static_cast<std::uint32_t>(in.count_below(names));
    edge.cases = in.tally();
    edge.times = DurationStore::read(in, exact_up_to);
    edge.count = edge.times.n();
    if (edge.cases < 1 || edge.count < edge.cases) in.refuse("numbers do not fit each other");
    if (!state.edges.empty() &&
        std::pair(state.edges.back().source, state.edges.back().target) >= std::pair(edge.source, edge.target)) {
      in.refuse("edges are out of order");
    }
    state.edges.push_back(std::move(edge));
  }
  for (std::uint64_t left = in.length(); left > 0; --left) {
    VariantTally variant;
    for (std::uint64_t steps = in.length(); steps > 0; --steps) {
      variant.steps.push_back(static_cast<std::uint32_t>(in.count_below(names)));
    }
    variant.example_case = in.text();
    variant.durations = DurationStore::read(in, exact_up_to);
    variant.cases = variant.durations.n();
    if (variant.cases < 1) in.refuse("a variant has no case");
    if (!state.variants.empty() && state.variants.back().steps >= variant.steps) in.refuse("variants are out of order");
    state.variants.push_back(std::move(variant));
  }
  if (state.case_durations.n() != state.cases || state.variants.size() > state.options.most_variants) {
    in.refuse("numbers do not fit each other");
  }
  in.finish();
  return state;
}

}  // namespace journeykit::discovery
