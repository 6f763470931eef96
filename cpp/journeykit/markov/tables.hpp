// Results of a chain as tables.
#pragma once

#include <memory>
#include <string>

#include "journeykit/base/table.hpp"
#include "journeykit/markov/uncertainty.hpp"

namespace journeykit::markov {

// What every table of moves has, made once for a chain: source, target, probability, and how many visits of the source
// were counted.
struct MoveColumns {
  base::Column source, target, probability, n;
  base::Column no_number, no_rank;
};
MoveColumns move_columns(const Chain& chain);

struct RankedBands {
  Bands bands;
  Ranks ranks;
};
// One row per move: source, target, probability, slope, low, high, elasticity, rank, rank_low, rank_high, p_in_top, n,
// method. Without `sure` nothing is known of low, high and the ranks.
base::Table sensitivity_table(const MoveColumns& moves, const Chain& chain, const Adjoint& adjoint,
                              const RankedBands* sure, const std::string& method);

}  // namespace journeykit::markov
