#include "journeykit/journey/query.hpp"

#include <algorithm>

#include "journeykit/journey/detail_moves.hpp"

namespace journeykit::journey {
namespace {

bool holds(const std::vector<std::string>& values, const std::optional<std::string>& wanted) {
  return !wanted || std::binary_search(values.begin(), values.end(), *wanted);
}

template <class T>
bool holds(const T& value, const std::optional<T>& wanted) {
  return !wanted || value == *wanted;
}

std::vector<std::string> marked(const Moves& moves, const std::vector<bool>& marks) {
  std::vector<std::string> out;
  for (std::size_t k = 0; k < marks.size(); ++k) {
    if (marks[k]) out.push_back(moves.touchpoints[k].id);
  }
  return out;
}

}  // namespace

Moves::Moves(const JourneyMap& map, const base::Cancellation& cancellation)
    : touchpoints(map.touchpoints()), transitions(map.transitions()) {
  out.resize(touchpoints.size());
  in.resize(touchpoints.size());
  for (std::uint32_t k = 0; k < touchpoints.size(); ++k) position.emplace(touchpoints[k].id, k);
  for (std::uint32_t k = 0; k < transitions.size(); ++k) {
    cancellation.check();
    const std::uint32_t source = position.at(transitions[k].source), target = position.at(transitions[k].target);
    out[source].push_back({target, k});
    in[target].push_back({source, k});
  }
}

std::vector<std::uint32_t> Moves::positions(const JourneyMap& map, const std::vector<std::string>& ids) const {
  std::vector<std::uint32_t> out_positions;
  for (const std::string& id : ids) out_positions.push_back(position.at(map.touchpoint(id).id));
  return out_positions;
}

std::vector<bool> reached(const std::vector<std::vector<Moves::Step>>& steps, std::vector<std::uint32_t> starts) {
  std::vector<bool> marks(steps.size());
  for (const std::uint32_t start : starts) marks[start] = true;
  while (!starts.empty()) {
    const std::uint32_t at = starts.back();
    starts.pop_back();
    for (const Moves::Step& step : steps[at]) {
      if (marks[step.other]) continue;
      marks[step.other] = true;
      starts.push_back(step.other);
    }
  }
  return marks;
}

std::vector<std::string> reachable_from(const JourneyMap& map, const std::vector<std::string>& touchpoints) {
  const Moves moves(map);
  return marked(moves, reached(moves.out, moves.positions(map, touchpoints)));
}

std::vector<std::string> leading_to(const JourneyMap& map, const std::vector<std::string>& touchpoints) {
  const Moves moves(map);
  return marked(moves, reached(moves.in, moves.positions(map, touchpoints)));
}

std::vector<std::string> touchpoints_where(const JourneyMap& map, const Where& where) {
  if (where.stage) map.stage(*where.stage);
  if (where.scene) map.scene(*where.scene);
  std::vector<std::string> out;
  for (const Touchpoint& t : map.touchpoints()) {
    if (holds(t.stage, where.stage) && holds(t.scene, where.scene) && holds(t.channels, where.channel) &&
        holds(t.departments, where.department) && holds(t.tags, where.tag) && holds(t.owner, where.owner) &&
        holds(t.visibility, where.visibility) && holds(t.evidence, where.evidence)) {
      out.push_back(t.id);
    }
  }
  return out;
}

}  // namespace journeykit::journey
