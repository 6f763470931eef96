// How sure the numbers of a chain are: the same numbers over replicates of its counts. Dirichlet draws take every visit
// as independent; replicates of whole customers (chain_replicates) do not need that. SCIENCE notes §4, §5.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/markov/outcome.hpp"
#include "journeykit/markov/sensitivity.hpp"

namespace journeykit::markov {

// What is worked out, in this order and shape, for the start unless it says "by state".
enum class Part {
  Endings,         // (ends,)
  Visits,          // (states,)
  EverVisited,     // (states,)
  Steps,           // mean, standard deviation
  Time,            // mean, standard deviation of the sojourn
  Value,           // mean, standard deviation of the reward
  EndingsByState,  // (states, ends)
  StepsByState,    // means, then standard deviations
  TimeByState,     // the same
  ValueByState,    // the same
  Slopes,          // of the target reward by move
  Removals,        // effect by state, of the target reward
  Bypasses,        // effect by state, of the target reward
  Shifts,          // exact change by each of the question's shifts, of the target reward
};

struct Question {
  Reward reward;    // Value
  Sojourn sojourn;  // Time
  Reward target;    // Slopes, Removals, Bypasses, Shifts
  double lost = 0;  // Removals
  std::vector<Shift> shifts{};
};

std::vector<double> numbers(const Chain& chain, const Inverse& inverse, const Question& question,
                            std::span<const Part> parts, const base::Cancellation& cancellation = {});

struct ReplicateOptions {
  std::int64_t replicates = 1000;
  double confidence = 0.95;
  double prior = 0.5;  // of the Dirichlet draws, per allowed move
  std::uint64_t seed = 0;
  unsigned threads = 0;
};
struct Bands {  // shape of numbers(); NaN where fewer than half of the replicates have the number
  std::vector<double> low, high, standard_error;
  std::int64_t failed = 0;  // replicates without a solution: in them some loop has no end
};
// Percentiles of the posterior: each row of counts (and of starts) is a draw from Dirichlet(counts + prior). Replicate
// r has its own stream, so the result does not depend on threads. Throws InvalidInput when there are no counts.
Bands dirichlet_bands(const Chain& chain, const Question& question, std::span<const Part> parts,
                      const ReplicateOptions& options, const base::Cancellation& cancellation = {});
// Percentiles over given replicates, row-major (replicates, moves + starts) as in with_counts(). The prior is not used.
Bands chain_replicates(const Chain& chain, std::span<const double> counts, const Question& question,
                       std::span<const Part> parts, const ReplicateOptions& options,
                       const base::Cancellation& cancellation = {});

// Standard error of V from multinomial rows: Var = Σ_i n_i² (Σ_j p_ij v_j² − (Σ_j p_ij v_j)²) / N_i, N_i visits
// counted.
double standard_error(const Chain& chain, const Inverse& inverse, const Reward& reward,
                      const base::Cancellation& cancellation = {});

struct ShareBand {
  double share = 0, low = 0, high = 0;
};
// Each move's probability: posterior mean and exact interval of its Beta(n_ij + prior, rest).
std::vector<ShareBand> move_bands(const Chain& chain, double prior, double confidence);

}  // namespace journeykit::markov
