// Two ways of thinking a touchpoint away, which answer different questions. SCIENCE notes §7; neither is causal.
// removal: journeys that come to it are lost (Anderl et al. 2016): what passes through it.
// bypass: it is skipped, those who would come go on by the other moves (or, where there are none, to where it leads):
// what it does to those who pass.
#pragma once

#include <cstdint>
#include <vector>

#include "journeykit/markov/outcome.hpp"

namespace journeykit::markov {

struct Counterfactual {
  std::uint32_t state = 0;
  double without = 0;  // V without the touchpoint
  double change = 0;   // without − V
  double effect = 0;  // removal: 1 − without / V; bypass: without / V − 1; NaN where V is 0 or there is no way round
};

// `lost`: what a journey that was cut off is worth.
std::vector<Counterfactual> removals(const Chain& chain, const Inverse& inverse, const Reward& reward, double lost = 0,
                                     const base::Cancellation& cancellation = {});
std::vector<Counterfactual> bypasses(const Chain& chain, const Inverse& inverse, const Reward& reward,
                                     const std::vector<std::uint32_t>& states, unsigned threads = 1,
                                     const base::Cancellation& cancellation = {});
// The chain without one state, as bypasses() takes it; its rows may reach no end. InvalidInput: it leads only to
// itself.
Chain without_state(const Chain& chain, std::uint32_t state);

struct ShapleyShare {
  std::uint32_t state = 0;
  double value = 0;           // they add up to V − V(no player)
  double standard_error = 0;  // 0: exact
};
struct ShapleyOptions {
  std::size_t exact_players = 12;
  std::int64_t permutations = 2000;
  std::uint64_t seed = 0;
  unsigned threads = 1;
  std::vector<std::uint32_t> players{};  // without repeats; empty: all states but the one where every journey starts
};
// V with only some players kept, the others removed; states that are no players are always kept.
std::vector<ShapleyShare> shapley(const Chain& chain, const Reward& reward, const ShapleyOptions& options,
                                  const base::Cancellation& cancellation = {});

}  // namespace journeykit::markov
