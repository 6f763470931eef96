// How sure the numbers of a chain are, and how sure the place of each among them. SCIENCE notes §4, §5.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/markov/replicates.hpp"

namespace journeykit::markov {

struct Bands {  // shape of numbers(); NaN where fewer than half of the replicates have the number
  std::vector<double> low, high, standard_error;
  std::int64_t failed = 0;  // replicates without a solution
};
// Percentiles over the replicates.
Bands bands_of(const Replicates& replicates, double confidence, unsigned threads = 1,
               const base::Cancellation& cancellation = {});

struct RankRule {        // the largest key comes first, NaN last; ties as observed
  bool by_size = false;  // key |x| in place of x · worth − cost
  double worth = 1;
  std::vector<double> cost;  // one for each number; empty: zeros
  std::size_t top = 3;

  double key(double x, std::size_t k) const;
};
struct Ranks {                          // shape of the numbers
  std::vector<std::int64_t> rank;       // from 1; base::kMissingInteger for NaN
  std::vector<std::int64_t> low, high;  // percentiles of the rank, rounded outwards, with the rank itself between them
  std::vector<double> p_in_top;         // share of the replicates in which the number is among the first `top`
};
// The places of `observed` and of the same numbers in every replicate. Only the first 1,000 have low, high and
// p_in_top, and compete for them: beyond nobody asks how sure a place is.
Ranks ranks_of(std::span<const double> observed, const Replicates& replicates, const RankRule& rule, double confidence,
               unsigned threads = 1, const base::Cancellation& cancellation = {});

// Standard error of V from multinomial rows: Var = Σ_i n_i² (Σ_j p_ij v_j² − (Σ_j p_ij v_j)²) / N_i, N_i visits
// counted.
double standard_error(const Chain& chain, const Inverse& inverse, const Reward& reward,
                      const base::Cancellation& cancellation = {});

struct ShareBand {
  double share = 0, low = 0, high = 0;
};
// Each move's probability: posterior mean and exact interval of its Beta(n_ij + prior, rest), with the chain's pseudo
// counts in place of the prior where it has them.
std::vector<ShareBand> move_bands(const Chain& chain, double prior, double confidence);

}  // namespace journeykit::markov
