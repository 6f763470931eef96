// The numbers of a chain again and again: over Dirichlet draws of its rows, which take every visit as independent, or
// over given replicates of its counts, such as those of whole customers, which do not need that. SCIENCE notes §4, §5.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/markov/question.hpp"

namespace journeykit::markov {

struct ReplicateOptions {
  std::int64_t replicates = 1000;
  double confidence = 0.95;
  double prior = 0.5;  // of the Dirichlet draws, per allowed move
  std::uint64_t seed = 0;
  unsigned threads = 0;
};
struct Replicates {  // of numbers()
  std::size_t count = 0, width = 0;
  std::vector<double> values;  // row-major, shape (count, width); NaN: the replicate does not have the number
  std::int64_t failed = 0;     // replicates without a solution: in them some loop has no end
};
// Each row of counts (and of starts) is a draw from Dirichlet(counts + prior). Replicate r has its own stream, so the
// result does not depend on threads. Throws InvalidInput when there are no counts.
Replicates dirichlet_replicates(const Chain& chain, const Question& question, std::span<const Part> parts,
                                const ReplicateOptions& options, const base::Cancellation& cancellation = {});
// Over given counts, row-major (replicates, moves + starts) as in with_counts(). The prior is not used.
Replicates given_replicates(const Chain& chain, std::span<const double> counts, const Question& question,
                            std::span<const Part> parts, const ReplicateOptions& options,
                            const base::Cancellation& cancellation = {});

// At `share` of the way through sorted numbers, linear between two of them.
double percentile(const std::vector<double>& sorted, double share);

}  // namespace journeykit::markov
