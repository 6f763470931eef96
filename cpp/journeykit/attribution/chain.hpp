// The first-order chain over channels that the paths are fitted with, and what it loses without a channel. Nothing is
// simulated, and no term is subtracted from another: entries are exact to a few units in the last place however rare
// the conversions are (elimination after Grassmann, Taksar & Heyman 1985).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/attribution/model.hpp"

namespace journeykit::attribution {

inline constexpr std::size_t kMostDenseChannels = 1024;

struct ChainCounts {  // customers over each step of the chain
  std::size_t channels = 0;
  std::vector<double> moves;                               // shape (channels, channels); repeats of a channel left out
  std::vector<double> starts, conversions, nulls, values;  // shape (channels,); values may be empty
  double empty = 0;                                        // customers that met no channel
};
ChainCounts count_chain(const Paths& paths, const PathWeights& weights);

struct RemovalEffects {
  std::vector<double> conversions, value;  // shares lost; NaN for channels that no customer met
};
// 1 − P(conversion | moves into the channel are lost) / P(conversion) = f_x·b_x / b, with f_x the chance to ever meet
// x and b_x that to convert from there, from one factorisation for all channels.
RemovalEffects removal_effects(const ChainCounts& counts);

// Of diag(outflow) − moves, shape (channels, channels).
std::vector<double> inverse_of(const ChainCounts& counts);

// Customers who convert, and their value, when moves into channels outside the first 0, 1, … all of `order` are lost:
// one elimination for all of them, because eliminating a channel adds to the direct way from start to conversion what
// goes through it.
struct Kept {
  double conversions = 0, value = 0;
};
std::vector<Kept> keep_in_order(const ChainCounts& counts, std::span<const std::uint32_t> order);

// Order 1, up to kMostDenseChannels.
Model chain_model(const Paths& paths);

// Conversions (and value) in proportion to the removal effects.
Attributed in_proportion(RemovalEffects effects, const PathWeights& weights);

}  // namespace journeykit::attribution
