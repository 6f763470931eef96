#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "journeykit/base/parallel.hpp"
#include "journeykit/scoring/detail_failures.hpp"

namespace journeykit::scoring {
namespace {

// The cases of a group that left a step, and the good ones of them.
struct LeftOfGroup {
  std::uint32_t group, cases, good;
};

std::vector<LeftOfGroup> count_left(const FailureInput& in, const std::vector<std::uint32_t>& cases) {
  std::vector<LeftOfGroup> out(in.groups.count);
  for (std::uint32_t g = 0; g < out.size(); ++g) out[g].group = g;
  for (const std::uint32_t c : cases) {
    LeftOfGroup& group = out[in.group_of_case[c]];
    ++group.cases;
    group.good += in.completed[c];
  }
  std::erase_if(out, [](const LeftOfGroup& group) { return group.cases == 0; });
  out.shrink_to_fit();
  return out;
}

// Every move counts with 1 / (moves of its case into the touchpoint), so that a case counts once. The others of a step
// are all who left it but those who met the failure: the counts are whole, so that nothing is lost by subtracting.
events::GroupSums losses(const FailureInput& in, const Moves& moves, const std::vector<std::vector<LeftOfGroup>>& left,
                         std::uint32_t target, const StratifiedContrast& contrast) {
  events::GroupSums out;
  LossTally tally(in.groups.count);
  for (const Moves::WayIn& way : contrast.strata) {
    for (const LeftOfGroup& group : left[way.source]) tally.add_others(group.group, group.cases, group.good);
    for (const std::uint32_t place : std::span(moves.into[target].places).subspan(way.begin, way.size())) {
      const std::uint32_t c = moves.left[way.source][place];
      tally.add(in.group_of_case[c], true, contrast.weight(c), in.completed[c] != 0);
      tally.add_others(in.group_of_case[c], -1, -static_cast<double>(in.completed[c]));
    }
    tally.append_to(out);
  }
  return out;
}

std::optional<Candidate> detour(const FailureInput& in, const Moves& moves,
                                const std::vector<std::vector<LeftOfGroup>>& left, std::uint32_t target) {
  const StratifiedContrast contrast = compare_moves(in.customers, moves, target, in.completed, in.options.confidence);
  if (contrast.cases.empty() || std::isnan(contrast.lost)) return std::nullopt;
  const Exposure exposure{target, contrast.cases, std::vector<std::uint8_t>(contrast.cases.size(), 1)};
  Failure failure =
      describe(in, FailureKind::Detour, exposure, static_cast<std::int64_t>(contrast.cases.size()), contrast.customers);
  failure.reached = contrast.standing;
  failure.share = static_cast<double>(failure.cases) / static_cast<double>(failure.reached);
  failure.completed_share = contrast.exposed_share;
  failure.others_completed_share = contrast.exposed_share + contrast.lost / static_cast<double>(failure.cases);
  failure.lost_completions = contrast.lost;
  failure.low = contrast.low;
  failure.high = contrast.high;
  failure.p = contrast.p;
  return Candidate{std::move(failure), target, {}, losses(in, moves, left, target, contrast)};
}

}  // namespace

Moves read_moves(const FailureInput& in) {
  const auto offsets = in.log.case_offsets();
  const auto touchpoints = in.log.touchpoints();
  const std::size_t steps = in.log.touchpoint_names().size();
  std::vector<std::vector<Move>> moves_from(steps);
  constexpr std::uint32_t between_checks = 4096;
  for (std::uint32_t c = 0; c < in.log.case_count(); ++c) {
    if (c % between_checks == 0) in.cancellation.check();
    if (!closed(in.signs.status[c])) continue;
    for (std::size_t k = offsets[c]; k + 1 < offsets[c + 1]; ++k) {
      if (touchpoints[k] != touchpoints[k + 1]) moves_from[touchpoints[k]].push_back({c, touchpoints[k + 1]});
    }
  }
  return arrange(moves_from, steps, in.completed, in.cancellation);
}

Candidates detours(const FailureInput& in, const Moves& moves) {
  const std::size_t steps = in.log.touchpoint_names().size();
  std::vector<std::vector<LeftOfGroup>> left(steps);
  base::parallel_for(steps, 1, in.threads, in.cancellation,
                     [&](std::size_t t, std::size_t) { left[t] = count_left(in, moves.left[t]); });
  std::vector<std::optional<Candidate>> found(steps);
  base::parallel_for(steps, 1, in.threads, in.cancellation, [&](std::size_t t, std::size_t) {
    found[t] = detour(in, moves, left, static_cast<std::uint32_t>(t));
  });
  Candidates out;
  for (auto& some : found) {
    if (some) out.push_back(std::move(*some));
  }
  return out;
}

}  // namespace journeykit::scoring
