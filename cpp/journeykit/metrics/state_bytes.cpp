#include <cmath>

#include "journeykit/metrics/state.hpp"

namespace journeykit::metrics {
namespace {

constexpr std::string_view kMagic = "journeykit score\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kKinds = 4;
constexpr std::size_t kMostPoints = 101;

void write(base::ByteWriter& out, const GroupTally& group, const ScoreOptions& options) {
  out.text(group.touchpoint);
  out.number(group.cases);
  for (const std::int64_t count : group.status) out.number(count);
  out.number(group.dropped);
  for (std::size_t s = 0; s < options.scales.size(); ++s) {
    const AnswerTally& tally = group.answers[s];
    for (const std::int64_t count : {tally.answers, tally.cases, tally.squared, tally.most}) out.number(count);
    if (tally.answers == 0) continue;
    for (const auto* counts : {&tally.counts, &tally.last, &tally.products}) {
      for (const std::int64_t count : *counts) out.number(count);
    }
    if (options.scales[s].points() > 0) continue;
    for (const ExactSum* sum : {&tally.x, &tally.xx, &tally.vm, &tally.vv}) sum->write(out);
  }
}

GroupTally read_group(base::ByteReader& in, const ScoreOptions& options) {
  GroupTally group;
  group.touchpoint = in.text();
  group.cases = in.tally();
  for (std::int64_t& count : group.status) count = in.tally();
  group.dropped = in.tally();
  for (const Scale& scale : options.scales) {
    AnswerTally tally;
    for (auto* count : {&tally.answers, &tally.cases, &tally.squared, &tally.most}) *count = in.tally();
    const std::size_t points = scale.points();
    tally.counts.assign(points, 0);
    tally.last.assign(points, 0);
    tally.products.assign(points * (points + 1) / 2, 0);
    if (tally.answers > 0) {
      for (auto* counts : {&tally.counts, &tally.last, &tally.products}) {
        for (std::int64_t& count : *counts) count = in.tally();
      }
      if (points == 0) {
        for (ExactSum* sum : {&tally.x, &tally.xx, &tally.vm, &tally.vv}) *sum = ExactSum::read(in);
      }
    }
    if (tally.cases > tally.answers || tally.most > tally.answers || tally.cases > group.cases) {
      in.refuse("numbers do not fit each other");
    }
    group.answers.push_back(std::move(tally));
  }
  return group;
}

}  // namespace

std::string to_bytes(const ScoreState& state) {
  base::ByteWriter out(kMagic, kVersion);
  events::write(out, state.options.status);
  out.count(state.options.scales.size());
  for (std::size_t s = 0; s < state.options.scales.size(); ++s) {
    const Scale& scale = state.options.scales[s];
    out.text(scale.metric);
    out.count(static_cast<std::uint64_t>(scale.kind));
    out.real(scale.low);
    out.real(scale.high);
    out.count(scale.high_is_good ? 1 : 0);
    out.number(state.quality[s].several);
    out.number(state.quality[s].equal);
    out.number(state.quality[s].off_scale);
  }
  write(out, state.all, state.options);
  out.count(state.touchpoints.size());
  for (const GroupTally& group : state.touchpoints) write(out, group, state.options);
  return std::move(out).finish();
}

ScoreState score_state_from_bytes(std::string_view bytes) {
  base::ByteReader in(bytes, kMagic, kVersion, "a score state");
  ScoreState state;
  state.options.status = events::read_rule(in);
  for (std::uint64_t left = in.length(); left > 0; --left) {
    Scale scale;
    scale.metric = in.text();
    scale.kind = static_cast<events::MetricKind>(in.count_below(kKinds));
    scale.low = in.real();
    scale.high = in.real();
    scale.high_is_good = in.count_below(2) == 1;
    const double points = scale.high - scale.low + 1;
    if (scale.kind != events::MetricKind::Number && (!(points >= 2) || !(points <= kMostPoints))) {
      in.refuse("a scale is out of range");
    }
    state.options.scales.push_back(std::move(scale));
    LogAnswers quality;
    for (auto* count : {&quality.several, &quality.equal, &quality.off_scale}) *count = in.tally();
    state.quality.push_back(quality);
  }
  state.all = read_group(in, state.options);
  for (std::uint64_t left = in.length(); left > 0; --left) {
    state.touchpoints.push_back(read_group(in, state.options));
    const std::size_t n = state.touchpoints.size();
    if (n > 1 && state.touchpoints[n - 2].touchpoint >= state.touchpoints[n - 1].touchpoint) {
      in.refuse("names are out of order");
    }
  }
  in.finish();
  return state;
}

}  // namespace journeykit::metrics
