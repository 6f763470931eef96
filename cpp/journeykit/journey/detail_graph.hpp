// Inside of JourneyMap, for map.cpp and edit.cpp only. Vertices stand in touchpoint order; a removed touchpoint leaves
// an empty vertex behind until there are more of them than touchpoints, so that removing costs its own edges only.
// Elements are shared, so that copying a map copies no text.
#pragma once

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <functional>
#include <map>
#include <utility>

#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

template <class T>
struct Listed {  // elements in order, found by id
  std::vector<T> items;
  std::map<std::string, std::size_t, std::less<>> places;  // a tree: ids chosen to collide cost nothing extra

  const T* find(std::string_view id) const {
    const auto at = places.find(id);
    return at == places.end() ? nullptr : &items[at->second];
  }
  T* find(std::string_view id) { return const_cast<T*>(std::as_const(*this).find(id)); }

  void add(T item) {
    const auto at = places.emplace(item.id, items.size()).first;
    try {
      items.push_back(std::move(item));
    } catch (...) {
      places.erase(at);
      throw;
    }
  }

  template <class Predicate>
  void remove_if(const Predicate& predicate) {  // throws before it changes anything
    std::map<std::string, std::size_t, std::less<>> left;
    for (const T& item : items) {
      if (!predicate(item)) left.emplace(item.id, left.size());
    }
    std::erase_if(items, predicate);
    places.swap(left);
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (const T& item : items) out.push_back(item.id);
    return out;
  }
};

struct JourneyMap::Graph {
  struct Node {
    std::shared_ptr<const Touchpoint> touchpoint;  // null: removed
    std::size_t failure_points = 0;                // that stand on it
  };
  struct Edge {
    std::shared_ptr<const Transition> transition;
    std::size_t failure_points = 0;
  };
  // setS keeps the neighbours in touchpoint order and lets no transition stand twice.
  using List = boost::adjacency_list<boost::setS, boost::vecS, boost::bidirectionalS, Node, Edge>;
  using Vertex = boost::graph_traits<List>::vertex_descriptor;
  using EdgeId = boost::graph_traits<List>::edge_descriptor;

  About about;
  Listed<Stage> stages;
  Listed<Scene> scenes;
  Listed<FailurePoint> failure_points;
  List list;
  std::map<std::string, Vertex, std::less<>> vertices;

  std::vector<std::string> touchpoint_ids() const;
  std::vector<std::string> transition_ids() const;
  Vertex vertex(std::string_view id) const;                             // throws NotFound
  EdgeId edge(std::string_view source, std::string_view target) const;  // throws NotFound
  std::size_t& failure_point_count(const FailurePoint& failure_point);  // of what it stands on; throws NotFound
  void add_vertex(std::shared_ptr<const Touchpoint> touchpoint);
  void add_edge(Vertex source, Vertex target, std::shared_ptr<const Transition> transition);
  void compact() noexcept;  // drops the empty vertices once they are the majority

  template <class Visit>
  void for_each_vertex(Visit&& visit) const {
    for (Vertex v = 0; v < boost::num_vertices(list); ++v) {
      if (list[v].touchpoint) visit(v);
    }
  }
};

}  // namespace journeykit::journey
