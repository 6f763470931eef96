#include "journeykit/journey/map.hpp"

#include <iterator>

#include "journeykit/base/error.hpp"
#include "journeykit/journey/detail_check.hpp"
#include "journeykit/journey/detail_graph.hpp"
#include "journeykit/journey/fields.hpp"

namespace journeykit::journey {
namespace {

using base::InvalidInput;
using base::NotFound;
using base::quote_safe;

[[noreturn]] void refuse_second(std::string_view kind, const std::string& shown_id) {
  throw InvalidInput(std::string(kind) + " " + shown_id + " is in the map already; choose another id, or replace it");
}

template <class T>
[[noreturn]] void refuse_unknown(std::string_view id, const std::vector<std::string>& ids) {
  throw NotFound(base::not_found_message(Fields<T>::name, id, "the map", ids));
}

template <class T>
const T& found(const Listed<T>& listed, std::string_view id) {
  if (const T* item = listed.find(id)) return *item;
  refuse_unknown<T>(id, listed.ids());
}

}  // namespace

std::string transition_id(std::string_view source, std::string_view target) {
  return std::string(source) + " → " + std::string(target);
}

std::vector<std::string> JourneyMap::Graph::touchpoint_ids() const {
  std::vector<std::string> ids;
  ids.reserve(vertices.size());
  for_each_vertex([&](Vertex v) { ids.push_back(list[v].touchpoint->id); });
  return ids;
}

std::vector<std::string> JourneyMap::Graph::transition_ids() const {
  std::vector<std::string> ids;
  for_each_vertex([&](Vertex v) {
    for (auto [e, end] = boost::out_edges(v, list); e != end; ++e) {
      ids.push_back(transition_id(list[*e].transition->source, list[*e].transition->target));
    }
  });
  return ids;
}

JourneyMap::Graph::Vertex JourneyMap::Graph::vertex(std::string_view id) const {
  const auto at = vertices.find(id);
  if (at == vertices.end()) refuse_unknown<Touchpoint>(id, touchpoint_ids());
  return at->second;
}

JourneyMap::Graph::EdgeId JourneyMap::Graph::edge(std::string_view source, std::string_view target) const {
  const auto [id, exists] = boost::edge(vertex(source), vertex(target), list);
  if (!exists) refuse_unknown<Transition>(transition_id(source, target), transition_ids());
  return id;
}

std::size_t& JourneyMap::Graph::failure_point_count(const FailurePoint& failure_point) {
  if (failure_point.touchpoint.empty()) return list[edge(failure_point.source, failure_point.target)].failure_points;
  return list[vertex(failure_point.touchpoint)].failure_points;
}

void JourneyMap::Graph::add_vertex(std::shared_ptr<const Touchpoint> touchpoint) {
  const auto at = vertices.emplace(touchpoint->id, boost::num_vertices(list)).first;
  try {
    boost::add_vertex(Node{std::move(touchpoint), 0}, list);
  } catch (...) {
    vertices.erase(at);
    throw;
  }
}

// Boost.Graph files an edge in three places. When memory ends between them, take it out of those it reached.
void JourneyMap::Graph::add_edge(Vertex source, Vertex target, std::shared_ptr<const Transition> transition) {
  const std::size_t edges_before = boost::num_edges(list);
  try {
    boost::add_edge(source, target, Edge{std::move(transition), 0}, list);
  } catch (...) {
    if (boost::num_edges(list) != edges_before) {
      auto& out = list.out_edge_list(source);
      for (auto one = out.begin(); one != out.end(); ++one) {
        if (one->get_target() == target) {
          out.erase(one);
          break;
        }
      }
      list.m_edges.pop_back();
    }
    throw;
  }
}

JourneyMap::JourneyMap(About about) : graph_(std::make_unique<Graph>()) { set_about(std::move(about)); }
JourneyMap::JourneyMap(const JourneyMap& other) : graph_(std::make_unique<Graph>(*other.graph_)) {}
JourneyMap::JourneyMap(JourneyMap&&) noexcept = default;
JourneyMap& JourneyMap::operator=(const JourneyMap& other) {
  if (this != &other) graph_ = std::make_unique<Graph>(*other.graph_);
  return *this;
}
JourneyMap& JourneyMap::operator=(JourneyMap&&) noexcept = default;
JourneyMap::~JourneyMap() = default;

const About& JourneyMap::about() const { return graph_->about; }

void JourneyMap::set_about(About about) {
  tidy(about);
  graph_->about = std::move(about);
}

const std::vector<Stage>& JourneyMap::stages() const { return graph_->stages.items; }
const std::vector<Scene>& JourneyMap::scenes() const { return graph_->scenes.items; }
const std::vector<FailurePoint>& JourneyMap::failure_points() const { return graph_->failure_points.items; }

std::vector<Touchpoint> JourneyMap::touchpoints() const {
  std::vector<Touchpoint> out;
  out.reserve(touchpoint_count());
  graph_->for_each_vertex([&](Graph::Vertex v) { out.push_back(*graph_->list[v].touchpoint); });
  return out;
}

std::vector<Transition> JourneyMap::transitions() const {
  std::vector<Transition> out;
  out.reserve(transition_count());
  graph_->for_each_vertex([&](Graph::Vertex v) {
    for (auto [e, end] = boost::out_edges(v, graph_->list); e != end; ++e) {
      out.push_back(*graph_->list[*e].transition);
    }
  });
  return out;
}

std::size_t JourneyMap::touchpoint_count() const { return graph_->vertices.size(); }
std::size_t JourneyMap::transition_count() const { return boost::num_edges(graph_->list); }

const Stage& JourneyMap::stage(std::string_view id) const { return found(graph_->stages, id); }
const Scene& JourneyMap::scene(std::string_view id) const { return found(graph_->scenes, id); }
const FailurePoint& JourneyMap::failure_point(std::string_view id) const { return found(graph_->failure_points, id); }

const Touchpoint& JourneyMap::touchpoint(std::string_view id) const {
  return *graph_->list[graph_->vertex(id)].touchpoint;
}

const Transition& JourneyMap::transition(std::string_view source, std::string_view target) const {
  return *graph_->list[graph_->edge(source, target)].transition;
}

bool JourneyMap::has_touchpoint(std::string_view id) const {
  return graph_->vertices.find(id) != graph_->vertices.end();
}

bool JourneyMap::has_transition(std::string_view source, std::string_view target) const {
  const auto from = graph_->vertices.find(source);
  const auto to = graph_->vertices.find(target);
  if (from == graph_->vertices.end() || to == graph_->vertices.end()) return false;
  return boost::edge(from->second, to->second, graph_->list).second;
}

std::vector<std::string> JourneyMap::successors(std::string_view id) const {
  std::vector<std::string> out;
  for (auto [v, end] = boost::adjacent_vertices(graph_->vertex(id), graph_->list); v != end; ++v) {
    out.push_back(graph_->list[*v].touchpoint->id);
  }
  return out;
}

std::vector<std::string> JourneyMap::predecessors(std::string_view id) const {
  std::vector<std::string> out;
  for (auto [e, end] = boost::in_edges(graph_->vertex(id), graph_->list); e != end; ++e) {
    out.push_back(graph_->list[boost::source(*e, graph_->list)].touchpoint->id);
  }
  return out;
}

void JourneyMap::add(Stage stage) {
  if (graph_->stages.find(stage.id) != nullptr) refuse_second("stage", quote_safe(stage.id));
  put(std::move(stage));
}

void JourneyMap::add(Scene scene) {
  if (graph_->scenes.find(scene.id) != nullptr) refuse_second("scene", quote_safe(scene.id));
  put(std::move(scene));
}

void JourneyMap::add(Touchpoint touchpoint) {
  if (has_touchpoint(touchpoint.id)) refuse_second("touchpoint", quote_safe(touchpoint.id));
  put(std::move(touchpoint));
}

void JourneyMap::add(Transition transition) {
  if (has_transition(transition.source, transition.target)) {
    refuse_second("transition", quote_safe(transition_id(transition.source, transition.target)));
  }
  put(std::move(transition));
}

void JourneyMap::add(FailurePoint failure_point) {
  if (graph_->failure_points.find(failure_point.id) != nullptr) {
    refuse_second("failure point", quote_safe(failure_point.id));
  }
  put(std::move(failure_point));
}

void JourneyMap::put(Stage stage) {
  tidy(stage);
  if (Stage* old = graph_->stages.find(stage.id)) {
    *old = std::move(stage);
  } else {
    graph_->stages.add(std::move(stage));
  }
}

void JourneyMap::put(Scene scene) {
  tidy(scene);
  found(graph_->stages, scene.stage);
  Scene* old = graph_->scenes.find(scene.id);
  if (old == nullptr) {
    graph_->scenes.add(std::move(scene));
    return;
  }
  std::vector<std::pair<Graph::Vertex, std::shared_ptr<const Touchpoint>>> followers;
  if (old->stage != scene.stage) {
    graph_->for_each_vertex([&](Graph::Vertex v) {
      const Touchpoint& touchpoint = *graph_->list[v].touchpoint;
      if (touchpoint.scene != scene.id) return;
      Touchpoint moved = touchpoint;
      moved.stage = scene.stage;
      followers.emplace_back(v, std::make_shared<const Touchpoint>(std::move(moved)));
    });
  }
  for (auto& [v, touchpoint] : followers) graph_->list[v].touchpoint = std::move(touchpoint);
  *old = std::move(scene);
}

void JourneyMap::put(Touchpoint touchpoint) {
  tidy(touchpoint);
  if (!touchpoint.stage.empty()) found(graph_->stages, touchpoint.stage);
  if (!touchpoint.scene.empty()) {
    const Scene& scene = found(graph_->scenes, touchpoint.scene);
    if (touchpoint.stage.empty()) touchpoint.stage = scene.stage;
    if (touchpoint.stage != scene.stage) {
      throw InvalidInput("touchpoint " + quote_safe(touchpoint.id) + ": scene " + quote_safe(scene.id) +
                         " belongs to stage " + quote_safe(scene.stage) + ", not to " + quote_safe(touchpoint.stage) +
                         "; leave the stage out or choose another scene");
    }
  }
  auto shared = std::make_shared<const Touchpoint>(std::move(touchpoint));
  const auto old = graph_->vertices.find(shared->id);
  if (old != graph_->vertices.end()) {
    graph_->list[old->second].touchpoint = std::move(shared);
  } else {
    graph_->add_vertex(std::move(shared));
  }
}

void JourneyMap::put(Transition transition) {
  tidy(transition);
  const Graph::Vertex source = graph_->vertex(transition.source);
  const Graph::Vertex target = graph_->vertex(transition.target);
  auto shared = std::make_shared<const Transition>(std::move(transition));
  const auto [old, exists] = boost::edge(source, target, graph_->list);
  if (exists) {
    graph_->list[old].transition = std::move(shared);
  } else {
    graph_->add_edge(source, target, std::move(shared));
  }
}

void JourneyMap::put(FailurePoint failure_point) {
  tidy(failure_point);
  std::size_t& count = graph_->failure_point_count(failure_point);
  if (FailurePoint* old = graph_->failure_points.find(failure_point.id)) {
    std::size_t& old_count = graph_->failure_point_count(*old);
    *old = std::move(failure_point);
    --old_count;
  } else {
    graph_->failure_points.add(std::move(failure_point));
  }
  ++count;
}

bool JourneyMap::operator==(const JourneyMap& other) const {
  const auto same_graph = [&] {
    if (touchpoint_count() != other.touchpoint_count() || transition_count() != other.transition_count()) return false;
    return touchpoints() == other.touchpoints() && transitions() == other.transitions();
  };
  return graph_ == other.graph_ ||
         (about() == other.about() && stages() == other.stages() && scenes() == other.scenes() &&
          failure_points() == other.failure_points() && same_graph());
}

}  // namespace journeykit::journey
