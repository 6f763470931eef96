#include "journeykit/markov/structure.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/dominator_tree.hpp>
#include <boost/graph/strong_components.hpp>
#include <cmath>

#include "journeykit/base/error.hpp"

namespace journeykit::markov {
namespace {

template <class Visit>
void for_each_move(const Chain& chain, const Visit& visit) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      if (chain.probabilities[k] > 0) visit(static_cast<std::uint32_t>(i), chain.targets[k], k);
    }
  }
}

using Csr = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                               boost::no_property, std::uint32_t, std::size_t>;

Csr states_only(const Chain& chain) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  for_each_move(chain, [&](std::uint32_t from, std::uint32_t to, std::size_t) {
    if (to < chain.size()) edges.emplace_back(from, to);
  });
  return {boost::edges_are_sorted, edges.begin(), edges.end(), static_cast<std::uint32_t>(chain.size())};
}

std::vector<std::vector<std::uint32_t>> members(const Components& found) {
  std::vector<std::vector<std::uint32_t>> out(found.count);
  for (std::uint32_t i = 0; i < found.of_state.size(); ++i) out[found.of_state[i]].push_back(i);
  return out;
}

struct Weighted {
  double weight = 0;
};
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, boost::no_property, Weighted>;

// States, then ends, then the root.
template <class Weight>
Graph with_root(const Chain& chain, const Weight& weight) {
  const std::size_t root = chain.size() + chain.end_count();
  Graph graph(root + 1);
  for (std::uint32_t i = 0; i < chain.size(); ++i) {
    if (chain.start[i] > 0) boost::add_edge(root, i, Weighted{weight(chain.start[i], i)}, graph);
  }
  for_each_move(chain, [&](std::uint32_t from, std::uint32_t to, std::size_t k) {
    boost::add_edge(from, to, Weighted{weight(chain.probabilities[k], to)}, graph);
  });
  return graph;
}

template <class Weight>
std::vector<Path> best_paths(const Chain& chain, std::span<const double> effort, const Weight& weight) {
  const Graph graph = with_root(chain, weight);
  const std::size_t root = boost::num_vertices(graph) - 1;
  std::vector<std::size_t> before(root + 1);
  std::vector<double> distance(root + 1);
  const auto index = boost::get(boost::vertex_index, graph);
  boost::dijkstra_shortest_paths(graph, root,
                                 boost::weight_map(boost::get(&Weighted::weight, graph))
                                     .predecessor_map(boost::make_iterator_property_map(before.begin(), index))
                                     .distance_map(boost::make_iterator_property_map(distance.begin(), index)));
  std::vector<Path> out;
  for (std::uint32_t e = 0; e < chain.end_count(); ++e) {
    std::size_t at = chain.size() + e;
    if (before[at] == at) continue;
    Path path{{}, e, 1, 0};
    for (std::size_t next = at; next != root; next = at) {
      at = before[next];
      const auto to = static_cast<std::uint32_t>(next);
      if (at == root) {
        path.probability *= chain.start[to];
      } else {
        const auto* begin = chain.targets.data() + chain.offsets[at];
        const auto* end = chain.targets.data() + chain.offsets[at + 1];
        path.probability *=
            chain.probabilities[static_cast<std::size_t>(std::lower_bound(begin, end, to) - chain.targets.data())];
        path.effort += effort[at];
        path.states.push_back(static_cast<std::uint32_t>(at));
      }
    }
    std::ranges::reverse(path.states);
    out.push_back(std::move(path));
  }
  return out;
}

void check_effort(const Chain& chain, std::span<const double> effort) {
  if (effort.size() != chain.size()) throw base::InvalidInput("effort needs one number for each touchpoint");
  for (std::size_t i = 0; i < effort.size(); ++i) {
    if (!(effort[i] >= 0) || std::isinf(effort[i])) {
      throw base::InvalidInput("the effort of " + base::quote_safe(chain.states[i]) +
                               " is negative or no number; expected a number from 0");
    }
  }
}

}  // namespace

std::vector<std::uint8_t> states_that_reach_an_end(const Chain& chain) {
  // Backwards from the ends: sources by target, as one counting sort.
  const std::size_t all = chain.size() + chain.end_count();
  std::vector<std::size_t> offsets(all + 1, 0);
  for_each_move(chain, [&](std::uint32_t, std::uint32_t to, std::size_t) { ++offsets[to + 1]; });
  for (std::size_t k = 0; k < all; ++k) offsets[k + 1] += offsets[k];
  std::vector<std::uint32_t> sources(offsets[all]);
  std::vector<std::size_t> next(offsets.begin(), offsets.end() - 1);
  for_each_move(chain, [&](std::uint32_t from, std::uint32_t to, std::size_t) { sources[next[to]++] = from; });
  std::vector<std::uint8_t> reached(chain.size(), 0);
  std::vector<std::uint32_t> waiting;
  const auto look = [&](std::size_t target) {
    for (std::size_t k = offsets[target]; k < offsets[target + 1]; ++k) {
      if (reached[sources[k]] == 0) {
        reached[sources[k]] = 1;
        waiting.push_back(sources[k]);
      }
    }
  };
  for (std::size_t end = chain.size(); end < all; ++end) look(end);
  while (!waiting.empty()) {
    const std::uint32_t state = waiting.back();
    waiting.pop_back();
    look(state);
  }
  return reached;
}

std::vector<std::uint8_t> states_reached_from_start(const Chain& chain) {
  std::vector<std::uint8_t> reached(chain.size(), 0);
  std::vector<std::uint32_t> waiting;
  const auto put = [&](std::uint32_t state) {
    if (state < chain.size() && reached[state] == 0) {
      reached[state] = 1;
      waiting.push_back(state);
    }
  };
  for (std::uint32_t i = 0; i < chain.size(); ++i) {
    if (chain.start[i] > 0) put(i);
  }
  while (!waiting.empty()) {
    const std::uint32_t i = waiting.back();
    waiting.pop_back();
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      if (chain.probabilities[k] > 0) put(chain.targets[k]);
    }
  }
  return reached;
}

Components components(const Chain& chain) {
  const Csr graph = states_only(chain);
  Components out;
  out.of_state.resize(chain.size());
  out.count = static_cast<std::uint32_t>(boost::strong_components(
      graph, boost::make_iterator_property_map(out.of_state.begin(), boost::get(boost::vertex_index, graph))));
  return out;
}

std::vector<std::vector<std::uint32_t>> loops(const Chain& chain) {
  auto out = members(components(chain));
  std::vector<std::uint8_t> itself(chain.size(), 0);
  for_each_move(chain, [&](std::uint32_t from, std::uint32_t to, std::size_t) {
    if (from == to) itself[from] = 1;
  });
  std::erase_if(out, [&](const auto& states) { return states.size() == 1 && itself[states[0]] == 0; });
  std::ranges::sort(out);
  return out;
}

std::vector<std::vector<std::uint32_t>> closed_components(const Chain& chain) {
  const Components found = components(chain);
  std::vector<std::uint8_t> open(found.count, 0);
  for_each_move(chain, [&](std::uint32_t from, std::uint32_t to, std::size_t) {
    if (to >= chain.size() || found.of_state[from] != found.of_state[to]) open[found.of_state[from]] = 1;
  });
  std::vector<std::vector<std::uint32_t>> out;
  auto groups = members(found);
  for (std::size_t c = 0; c < groups.size(); ++c) {
    if (open[c] == 0) out.push_back(std::move(groups[c]));
  }
  std::ranges::sort(out);
  return out;
}

std::vector<std::uint32_t> passed_always(const Chain& chain, std::uint32_t target) {
  const Graph graph = with_root(chain, [](double, std::uint32_t) { return 0.0; });
  const std::size_t root = boost::num_vertices(graph) - 1;
  std::vector<std::size_t> dominator(root + 1, root + 1);
  boost::lengauer_tarjan_dominator_tree(
      graph, root, boost::make_iterator_property_map(dominator.begin(), boost::get(boost::vertex_index, graph)));
  std::vector<std::uint32_t> out;
  if (dominator[target] > root) return out;
  for (std::size_t at = dominator[target]; at != root; at = dominator[at])
    out.push_back(static_cast<std::uint32_t>(at));
  std::ranges::reverse(out);
  return out;
}

std::vector<Path> most_probable_paths(const Chain& chain, std::span<const double> effort) {
  check_effort(chain, effort);
  return best_paths(chain, effort, [](double p, std::uint32_t) { return p < 1 ? -std::log(p) : 0.0; });
}

std::vector<Path> least_effort_paths(const Chain& chain, std::span<const double> effort) {
  check_effort(chain, effort);
  return best_paths(chain, effort, [&](double, std::uint32_t to) { return to < chain.size() ? effort[to] : 0.0; });
}

}  // namespace journeykit::markov
