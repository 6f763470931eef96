#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include "journeykit/scoring/detail_map_ratios.hpp"

namespace journeykit::scoring {
namespace {

void add_times(std::vector<Ratio>& out, Ratio like, const std::optional<journey::TimeSummary>& times, std::size_t first,
               std::size_t count, std::span<std::int64_t> values, const std::array<const char*, 3>& names) {
  if (!times) return;
  like.part = first;
  like.whole = count;
  like.name = names[0];
  like.form = Form::Mean;
  like.known = times->mean_seconds;
  out.push_back(like);
  const std::array<double, 2> known = {times->median_seconds, times->p90_seconds};
  for (std::size_t q = 0; q < kQuantiles.size(); ++q) {
    like.name = names[q + 1];
    like.form = Form::Quantile;
    like.part = first + 1 + q;
    like.known = known[q];
    like.level = kQuantiles[q];
    like.values = values;
    out.push_back(like);
  }
}

}  // namespace

std::vector<Ratio> ratios_of(SeenMap& seen, const MapFeatures& features) {
  const auto& graph = seen.timed.graph;
  std::vector<Ratio> out;
  out.push_back({.name = "events_per_case", .form = Form::Rate, .part = kEvents, .whole = kCases});
  out.push_back({.name = "repeating_share", .part = kRepeating, .whole = kCases});
  out.push_back({.name = "open_share", .part = kOpen, .whole = kCases});
  if (seen.has_endings) {
    out.push_back({.name = "completed_share", .part = kCompleted, .whole = kClosed});
    out.push_back({.name = "failed_share", .part = kFailed, .whole = kClosed});
  }
  out.push_back({.name = "abandoned_share", .part = kAbandoned, .whole = kClosed});
  add_times(out, {}, seen.case_times, kCaseTime, kClosed, seen.closed_durations,
            {"mean_seconds", "median_seconds", "p90_seconds"});

  std::vector<std::uint32_t> order(graph.touchpoints.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::greater(), [&](std::uint32_t t) { return graph.touchpoints[t].events; });
  for (const std::uint32_t t : order) {
    if (graph.touchpoints[t].events == 0) continue;
    const auto of = [&](TouchpointFeature f) { return features.of_touchpoint(t, f); };
    const auto add = [&](const char* name, Form form, std::size_t part, std::size_t whole) {
      out.push_back({.touchpoint = t, .name = name, .form = form, .part = part, .whole = whole});
    };
    add("events_per_case", Form::Rate, of(kVisits), kCases);
    add("cases_share", Form::Share, of(kVisitingCases), kCases);
    add("repeating_share", Form::Share, of(kRepeatingCases), of(kVisitingCases));
    add("customers_share", Form::Share, of(kVisitors), kCustomer);
    add("start_share", Form::Share, of(kStarts), kCases);
    add("end_share", Form::Share, of(kClosedEnds), kClosed);
    add("stop_probability", Form::Share, of(kEnds), of(kVisits));
    out.back().of_events = true;
    add_times(out, {.touchpoint = t}, graph.touchpoints[t].duration, of(kDuration), of(kDurations),
              seen.timed.durations.values.empty() ? std::span<std::int64_t>{} : seen.timed.durations.group(t),
              {"duration_mean_seconds", "duration_median_seconds", "duration_p90_seconds"});
  }
  for (std::size_t e = 0; e < graph.edges.size(); ++e) {
    const discovery::Edge& edge = graph.edges[e];
    const Ratio like{.touchpoint = edge.source, .target = edge.target};
    Ratio number = like;
    number.name = "probability";
    number.part = features.of_edge(e, kMoves);
    number.whole = features.of_touchpoint(edge.source, kVisits);
    number.of_events = true;
    out.push_back(number);
    number.of_events = false;
    number.name = "cases_share";
    number.part = features.of_edge(e, kMovingCases);
    number.whole = kCases;
    out.push_back(number);
    add_times(out, like, edge.times, features.of_edge(e, kWait), features.of_edge(e, kMoves),
              seen.timed.steps.group(seen.timed.step_group[e]), {"mean_seconds", "median_seconds", "p90_seconds"});
  }
  return out;
}

}  // namespace journeykit::scoring
