#include "journeykit/scoring/tables.hpp"

#include <array>
#include <cmath>

#include "journeykit/base/text_column.hpp"
#include "journeykit/journey/fields.hpp"
#include "journeykit/metrics/estimate_columns.hpp"

namespace journeykit::scoring {
namespace {

using base::Integers;
using base::Reals;
using base::TextColumn;

constexpr std::array<Group, 3> kGroups = {Group::Experience, Group::Friction, Group::Completion};

struct GroupValue {
  double value = std::numeric_limits<double>::quiet_NaN(), points_lost = std::numeric_limits<double>::quiet_NaN();
};

GroupValue value_of(const Score& score, Group group) {
  double weight = 0, points = 0;
  for (const Contribution& c : score.contributions) {
    if (c.group != group) continue;
    weight += c.weight;
    points += c.points;
  }
  if (weight == 0) return {};
  return {points / weight, 100 * weight - points};
}

}  // namespace

base::Table scores_table(const std::vector<Score>& scores) {
  TextColumn id, name, evidence, warning;
  Reals score, low, high;
  Integers n, customers;
  std::array<Reals, 3> value, lost;
  for (const Score& s : scores) {
    id.add(s.id);
    name.add(s.name);
    score.values.push_back(s.value);
    low.values.push_back(s.low);
    high.values.push_back(s.high);
    n.values.push_back(s.n);
    customers.values.push_back(s.customers);
    for (std::size_t g = 0; g < kGroups.size(); ++g) {
      const GroupValue group = value_of(s, kGroups[g]);
      value[g].values.push_back(group.value);
      lost[g].values.push_back(group.points_lost);
    }
    evidence.add(journey::to_string(s.evidence));
    warning.add(s.warning);
  }
  base::Table out;
  out.add("id", id.finish());
  out.add("name", name.finish());
  out.add("score", std::move(score));
  out.add("low", std::move(low));
  out.add("high", std::move(high));
  out.add("n", std::move(n));
  out.add("customers", std::move(customers));
  for (std::size_t g = 0; g < kGroups.size(); ++g) {
    const std::string group(to_string(kGroups[g]));
    out.add(group, std::move(value[g]));
    out.add(group + "_points_lost", std::move(lost[g]));
  }
  out.add("evidence", evidence.finish());
  out.add("warning", warning.finish());
  return out;
}

base::Table contributions_table(const std::vector<Score>& scores) {
  TextColumn id, group, component;
  Reals weight, points, lost;
  metrics::EstimateColumns values;
  for (const Score& s : scores) {
    for (const Contribution& c : s.contributions) {
      id.add(s.id);
      group.add(to_string(c.group));
      component.add(c.name);
      values.add(c.value);
      weight.values.push_back(c.weight);
      points.values.push_back(c.points);
      lost.values.push_back(100 * c.weight - c.points);
    }
  }
  base::Table out;
  out.add("id", id.finish());
  out.add("group", group.finish());
  out.add("component", component.finish());
  values.value_to(out);
  out.add("weight", std::move(weight));
  out.add("points", std::move(points));
  out.add("points_lost", std::move(lost));
  values.evidence_to(out);
  return out;
}

base::Table points_lost_table(const std::vector<PointsLost>& lost) {
  TextColumn touchpoint, group, component;
  metrics::EstimateColumns points;
  for (const PointsLost& l : lost) {
    touchpoint.add(l.touchpoint);
    group.add(to_string(l.group));
    component.add(l.name);
    points.add(l.points);
  }
  base::Table out;
  out.add("touchpoint", touchpoint.finish());
  out.add("group", group.finish());
  out.add("component", component.finish());
  points.value_to(out, "points_lost");
  points.evidence_to(out);
  return out;
}

base::Table failures_table(const std::vector<Failure>& failures, const journey::JourneyMap& map) {
  TextColumn kind, touchpoint, stage, evidence, examples;
  Integers rank, rank_low, rank_high, reached, cases, customers;
  Reals share, completed, others, lost, low, high, points, points_low, points_high, in_top, repeats, p, adjusted;
  std::int64_t next = 1;
  for (const Failure& f : failures) {
    rank.values.push_back(f.evidence == journey::Evidence::Observed ? next++ : base::kMissingInteger);
    kind.add(to_string(f.kind));
    touchpoint.add(f.touchpoint);
    stage.add(map.touchpoint(f.touchpoint).stage);
    reached.values.push_back(f.reached);
    cases.values.push_back(f.cases);
    customers.values.push_back(f.customers);
    share.values.push_back(f.share);
    completed.values.push_back(f.completed_share);
    others.values.push_back(f.others_completed_share);
    lost.values.push_back(f.lost_completions);
    low.values.push_back(f.low);
    high.values.push_back(f.high);
    points.values.push_back(f.points_lost);
    points_low.values.push_back(f.points_low);
    points_high.values.push_back(f.points_high);
    rank_low.values.push_back(f.rank_low);
    rank_high.values.push_back(f.rank_high);
    in_top.values.push_back(f.p_in_top);
    repeats.values.push_back(f.excess_repeats);
    p.values.push_back(f.p);
    adjusted.values.push_back(f.adjusted_p);
    evidence.add(journey::to_string(f.evidence));
    std::string joined;
    for (const std::string& example : f.example_cases) joined += (joined.empty() ? "" : "; ") + example;
    examples.add(joined);
  }
  base::Table out;
  out.add("rank", std::move(rank));
  out.add("kind", kind.finish());
  out.add("touchpoint", touchpoint.finish());
  out.add("stage", stage.finish());
  out.add("reached", std::move(reached));
  out.add("cases", std::move(cases));
  out.add("customers", std::move(customers));
  out.add("share", std::move(share));
  out.add("completed_share", std::move(completed));
  out.add("others_completed_share", std::move(others));
  out.add("lost_completions", std::move(lost));
  out.add("low", std::move(low));
  out.add("high", std::move(high));
  out.add("points_lost", std::move(points));
  out.add("points_low", std::move(points_low));
  out.add("points_high", std::move(points_high));
  out.add("rank_low", std::move(rank_low));
  out.add("rank_high", std::move(rank_high));
  out.add("p_in_top", std::move(in_top));
  out.add("excess_repeats", std::move(repeats));
  out.add("p", std::move(p));
  out.add("adjusted_p", std::move(adjusted));
  out.add("evidence", evidence.finish());
  out.add("example_cases", examples.finish());
  return out;
}

base::Table slices_table(const std::vector<Slice>& slices) {
  TextColumn touchpoint, column, value;
  base::Times from, until;
  Integers cases, customers;
  Reals completed, others, lost, low, high, p, adjusted;
  for (const Slice& s : slices) {
    touchpoint.add(s.touchpoint);
    column.add(s.column);
    value.add(s.value);
    from.values.push_back(s.from_ns);
    until.values.push_back(s.until_ns);
    cases.values.push_back(s.cases);
    customers.values.push_back(s.customers);
    completed.values.push_back(s.completed_share);
    others.values.push_back(s.others_completed_share);
    lost.values.push_back(s.lost_completions);
    low.values.push_back(s.low);
    high.values.push_back(s.high);
    p.values.push_back(s.p);
    adjusted.values.push_back(s.adjusted_p);
  }
  base::Table out;
  out.add("touchpoint", touchpoint.finish());
  out.add("column", column.finish());
  out.add("value", value.finish());
  out.add("from", std::move(from));
  out.add("until", std::move(until));
  out.add("cases", std::move(cases));
  out.add("customers", std::move(customers));
  out.add("completed_share", std::move(completed));
  out.add("others_completed_share", std::move(others));
  out.add("lost_completions", std::move(lost));
  out.add("low", std::move(low));
  out.add("high", std::move(high));
  out.add("p", std::move(p));
  out.add("adjusted_p", std::move(adjusted));
  return out;
}

}  // namespace journeykit::scoring
