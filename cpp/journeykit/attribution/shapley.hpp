// Shapley values: what a channel adds to a set of others, averaged over all orders in which the channels can join
// (Shapley 1953). Exact over all sets up to 20 channels, sampled orders with a standard error beyond.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/attribution/model.hpp"

namespace journeykit::attribution {

inline constexpr std::size_t kMostExactPlayers = 20;

// worth[set] for all 2^n sets, bit k for player k. Shape (n,); adds up to worth[all] − worth[none]. Throws InvalidInput
// when the number of sets is no power of two, more than 2^20, or a worth is no finite number.
std::vector<double> shapley_values(std::span<const double> worth);

enum class Worth : std::uint8_t {
  Conversions,  // customers who met no channel outside the set and converted: step_credit(EqualByChannel)
  Rate,         // share of the customers who met no channel outside the set that converted; 0 where there are none
  Chain,        // conversions of the first-order chain when moves into channels outside the set are lost
};

struct ShapleyOptions {
  Worth worth = Worth::Conversions;
  std::size_t permutations = 1000;  // above kMostExactPlayers channels
  std::uint64_t seed = 0;
  unsigned threads = 0;
};

Model shapley_model(const Paths& paths, const ShapleyOptions& options, const base::Cancellation& cancellation);

}  // namespace journeykit::attribution
