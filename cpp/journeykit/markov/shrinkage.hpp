// Chains of segments that lean on the whole: rows p_ij ~ Dirichlet(κ · p_whole(ij)), so that a row seen n times has the
// posterior mean (n_ij + κ p_whole(ij)) / (n + κ). SCIENCE notes §4.
#pragma once

#include <span>

#include "journeykit/base/cancel.hpp"
#include "journeykit/markov/chain.hpp"

namespace journeykit::markov {

struct Shrinkage {
  double kappa = 0;           // κ, the visits that the whole is worth; kLeastKappa … kMostKappa
  double log_likelihood = 0;  // of all rows of all segments
};
inline constexpr double kLeastKappa = 1e-3, kMostKappa = 1e6;

// Logarithm of the marginal likelihood of the counts under κ (Dirichlet–multinomial, without the multinomial
// coefficient). Counts are row-major, shape (segments, moves + starts) as in with_counts(); moves of probability 0 in
// the whole must have none.
double log_likelihood(const Chain& whole, std::span<const double> counts, double kappa,
                      const base::Cancellation& cancellation = {});
// The κ that makes the counts of all segments likeliest; kMostKappa where they do not differ beyond chance.
Shrinkage shrinkage(const Chain& whole, std::span<const double> counts, const base::Cancellation& cancellation = {});
// The chain of one segment. Starts are those counted in it, or where there are none those of the whole.
Chain shrunk(const Chain& whole, std::span<const double> counts, double kappa);

}  // namespace journeykit::markov
