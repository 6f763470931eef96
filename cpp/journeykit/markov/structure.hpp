// The shape of a chain, by the moves of positive probability: loops, steps that every journey passes, best paths.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/markov/chain.hpp"

namespace journeykit::markov {

// 1 for each state from which an end is reached, or that is reached from the start.
std::vector<std::uint8_t> states_that_reach_an_end(const Chain& chain);
std::vector<std::uint8_t> states_reached_from_start(const Chain& chain);

// Strong component of each state, numbered so that moves lead to the same or a lower number; and how many there are.
struct Components {
  std::vector<std::uint32_t> of_state;
  std::uint32_t count = 0;
};
Components components(const Chain& chain);
// States that lead to each other: components of two and more states, and states that lead to themselves.
std::vector<std::vector<std::uint32_t>> loops(const Chain& chain);
// Components that nothing leads out of.
std::vector<std::vector<std::uint32_t>> closed_components(const Chain& chain);

// States on every path from the start to `target` (a state, or number of states + end), in the order they are passed;
// without the target. Empty when it is not reached.
std::vector<std::uint32_t> passed_always(const Chain& chain, std::uint32_t target);

struct Path {
  std::vector<std::uint32_t> states;
  std::uint32_t end = 0;
  double probability = 0;  // of exactly this path, with its start
  double effort = 0;       // of its states
};
// The path of the greatest probability, or of the least effort (per visit, >= 0), to each end; none where it is not
// reached. Ties: the smaller state numbers.
std::vector<Path> most_probable_paths(const Chain& chain, std::span<const double> effort);
std::vector<Path> least_effort_paths(const Chain& chain, std::span<const double> effort);

}  // namespace journeykit::markov
