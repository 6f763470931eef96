// Taking out, renaming and ordering: everything that can fail is done before the first change.
#include <new>
#include <set>

#include "journeykit/base/error.hpp"
#include "journeykit/journey/detail_check.hpp"
#include "journeykit/journey/detail_graph.hpp"

namespace journeykit::journey {
namespace {

using base::InvalidInput;
using base::quote_safe;

std::string counted(std::size_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

[[noreturn]] void refuse_removal(const std::string& what, std::vector<std::string> holders) {
  std::erase_if(holders, [](const std::string& holder) { return holder.starts_with("0 "); });
  std::string shown;
  for (std::size_t k = 0; k < holders.size(); ++k) {
    shown += (k == 0 ? "" : k + 1 == holders.size() ? " and " : ", ") + holders[k];
  }
  throw InvalidInput("cannot remove " + what + ": " + shown +
                     " still refer to it; remove them first, or all at once with cascade");
}

bool stands_on(const FailurePoint& failure_point, std::string_view touchpoint) {
  return failure_point.touchpoint == touchpoint || failure_point.source == touchpoint ||
         failure_point.target == touchpoint;
}

}  // namespace

void JourneyMap::remove_stage(std::string_view view, bool cascade) {
  const std::string id(view);  // the view may be of an element that goes
  stage(id);
  std::set<std::string, std::less<>> inside;
  graph_->for_each_vertex([&](Graph::Vertex v) {
    if (graph_->list[v].touchpoint->stage == id) inside.insert(graph_->list[v].touchpoint->id);
  });
  const auto of_stage = [&](const Scene& scene) { return scene.stage == id; };
  const auto scene_count = static_cast<std::size_t>(std::count_if(scenes().begin(), scenes().end(), of_stage));
  if (!cascade) {
    if (!inside.empty() || scene_count != 0) {
      refuse_removal("stage " + quote_safe(id), {counted(inside.size(), "touchpoint"), counted(scene_count, "scene")});
    }
    graph_->stages.remove_if([&](const Stage& stage) { return stage.id == id; });
    return;
  }
  JourneyMap next(*this);
  for (const std::string& touchpoint : inside) next.remove_touchpoint(touchpoint, true);
  next.graph_->scenes.remove_if(of_stage);
  next.graph_->stages.remove_if([&](const Stage& stage) { return stage.id == id; });
  *this = std::move(next);
}

void JourneyMap::remove_scene(std::string_view view, bool cascade) {
  const std::string id(view);  // the view may be of an element that goes
  scene(id);
  std::vector<std::string> inside;
  graph_->for_each_vertex([&](Graph::Vertex v) {
    if (graph_->list[v].touchpoint->scene == id) inside.push_back(graph_->list[v].touchpoint->id);
  });
  const auto is_it = [&](const Scene& scene) { return scene.id == id; };
  if (inside.empty()) {
    graph_->scenes.remove_if(is_it);
    return;
  }
  if (!cascade) refuse_removal("scene " + quote_safe(id), {counted(inside.size(), "touchpoint")});
  JourneyMap next(*this);
  for (const std::string& touchpoint : inside) next.remove_touchpoint(touchpoint, true);
  next.graph_->scenes.remove_if(is_it);
  *this = std::move(next);
}

void JourneyMap::remove_touchpoint(std::string_view view, bool cascade) {
  const std::string id(view);  // the view may be of an element that goes
  const Graph::Vertex v = graph_->vertex(id);
  Graph::List& list = graph_->list;
  std::size_t edges = boost::out_degree(v, list) + boost::in_degree(v, list);
  if (boost::edge(v, v, list).second) --edges;  // a loop is one transition with two ends here
  std::size_t failures = list[v].failure_points;
  for (auto [e, end] = boost::out_edges(v, list); e != end; ++e) failures += list[*e].failure_points;
  for (auto [e, end] = boost::in_edges(v, list); e != end; ++e) {
    if (boost::source(*e, list) != v) failures += list[*e].failure_points;
  }
  if (!cascade && edges + failures != 0) {
    refuse_removal("touchpoint " + quote_safe(id), {counted(edges, "transition"), counted(failures, "failure point")});
  }
  if (failures != 0) {
    graph_->failure_points.remove_if([&](const FailurePoint& failure_point) { return stands_on(failure_point, id); });
  }
  const auto name = graph_->vertices.find(id);
  boost::clear_vertex(v, list);
  graph_->vertices.erase(name);
  list[v] = {};
  graph_->compact();
}

void JourneyMap::remove_transition(std::string_view source_view, std::string_view target_view, bool cascade) {
  const std::string source(source_view), target(target_view);
  const std::size_t failures = graph_->list[graph_->edge(source, target)].failure_points;
  if (failures != 0) {
    if (!cascade) {
      refuse_removal("transition " + quote_safe(transition_id(source, target)), {counted(failures, "failure point")});
    }
    graph_->failure_points.remove_if([&](const FailurePoint& failure_point) {
      return failure_point.source == source && failure_point.target == target;
    });
  }
  boost::remove_edge(graph_->vertex(source), graph_->vertex(target), graph_->list);
}

void JourneyMap::remove_failure_point(std::string_view view) {
  const std::string id(view);
  std::size_t& count = graph_->failure_point_count(failure_point(id));
  graph_->failure_points.remove_if([&](const FailurePoint& failure_point) { return failure_point.id == id; });
  --count;
}

// The name follows when it was the id.
void JourneyMap::rename_touchpoint(std::string_view view, std::string new_id) {
  const std::string id(view);
  const Graph::Vertex v = graph_->vertex(id);
  if (new_id == id) return;
  if (has_touchpoint(new_id)) {
    throw InvalidInput("cannot rename touchpoint " + quote_safe(id) + ": " + quote_safe(new_id) +
                       " is in the map already; choose another id");
  }
  Graph::List& list = graph_->list;
  Touchpoint renamed = *list[v].touchpoint;
  if (renamed.name == id) renamed.name = new_id;
  renamed.id = new_id;
  tidy(renamed);
  const auto touchpoint = std::make_shared<const Touchpoint>(std::move(renamed));
  const auto follow = [&](std::string& reference) {
    if (reference == id) reference = new_id;
  };

  std::vector<std::pair<Graph::EdgeId, std::shared_ptr<const Transition>>> moved;
  const auto move = [&](const Graph::EdgeId& e) {
    Transition transition = *list[e].transition;
    follow(transition.source);
    follow(transition.target);
    moved.emplace_back(e, std::make_shared<const Transition>(std::move(transition)));
  };
  for (auto [e, end] = boost::out_edges(v, list); e != end; ++e) move(*e);
  for (auto [e, end] = boost::in_edges(v, list); e != end; ++e) move(*e);

  std::vector<FailurePoint> failure_points = graph_->failure_points.items;
  for (FailurePoint& failure_point : failure_points) {
    follow(failure_point.touchpoint);
    follow(failure_point.source);
    follow(failure_point.target);
  }

  auto name = graph_->vertices.extract(graph_->vertices.find(id));
  name.key() = std::move(new_id);
  graph_->vertices.insert(std::move(name));
  for (auto& [e, transition] : moved) list[e].transition = std::move(transition);
  list[v].touchpoint = touchpoint;
  graph_->failure_points.items.swap(failure_points);
}

void JourneyMap::order_stages(const std::vector<std::string>& ids) {
  Listed<Stage> ordered;
  for (const std::string& id : ids) {
    if (ordered.find(id) != nullptr)
      throw InvalidInput("order of stages: " + quote_safe(id) + " stands twice; name each stage once");
    ordered.add(stage(id));
  }
  for (const Stage& stage : stages()) {
    if (ordered.find(stage.id) == nullptr) {
      throw InvalidInput("order of stages: stage " + quote_safe(stage.id) + " is missing; name each stage once");
    }
  }
  graph_->stages = std::move(ordered);
}

// Only memory is won here, so a failed attempt is no error.
void JourneyMap::Graph::compact() noexcept {
  const std::size_t holes = boost::num_vertices(list) - vertices.size();
  if (holes < 64 || holes < vertices.size()) return;
  try {
    Graph next;
    std::vector<Vertex> places(boost::num_vertices(list));
    for_each_vertex([&](Vertex v) {
      places[v] = boost::num_vertices(next.list);
      next.add_vertex(list[v].touchpoint);
      next.list[places[v]].failure_points = list[v].failure_points;
    });
    for_each_vertex([&](Vertex v) {
      for (auto [e, end] = boost::out_edges(v, list); e != end; ++e) {
        const Vertex target = places[boost::target(*e, list)];
        next.add_edge(places[v], target, list[*e].transition);
        next.list[boost::edge(places[v], target, next.list).first].failure_points = list[*e].failure_points;
      }
    });
    list.m_edges.swap(next.list.m_edges);
    list.m_vertices.swap(next.list.m_vertices);
    vertices.swap(next.vertices);
  } catch (const std::bad_alloc&) {
    return;
  }
}

}  // namespace journeykit::journey
