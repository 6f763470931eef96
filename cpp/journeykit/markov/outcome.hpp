// What journeys through a chain come to: ends, steps, time, money or experience until the end, the worst moment.
// SCIENCE notes §5, §8.
#pragma once

#include <span>
#include <vector>

#include "journeykit/markov/chain.hpp"
#include "journeykit/markov/inverse.hpp"

namespace journeykit::markov {

struct Reward {                    // empty: zeros
  std::vector<double> per_visit;   // shape (states,)
  std::vector<double> at_end;      // shape (ends,)
  std::vector<double> per_move{};  // shape of `targets`; what only adjoint() and what is made of it look at
};
Reward steps_reward(const Chain& chain);
Reward end_reward(const Chain& chain, std::uint32_t end);  // 1 at this end

struct Sojourn {                       // time at a state before the next move
  std::vector<double> mean, variance;  // shape (states,); variance empty: fixed
  // With the mean of each move (shape of `targets`) the time may depend on where it leads: m_ij. `mean` is unused then,
  // and `variance` is that inside the moves.
  std::vector<double> move_mean;
};

struct Moments {  // of what is collected from a state until the end, shape (states,)
  std::vector<double> mean, variance;
};
Moments reward_moments(const Chain& chain, const Inverse& inverse, const Reward& reward,
                       const base::Cancellation& cancellation = {});
Moments time_moments(const Chain& chain, const Inverse& inverse, const Sojourn& sojourn,
                     const base::Cancellation& cancellation = {});

struct Spread {
  double mean = 0, variance = 0;
};
// Over the start: the variance is that of all journeys together.
Spread from_start(const Chain& chain, const Moments& moments);

// P(ever visit j) from the start = visits_j / N_jj, for the states of a dense solution.
std::vector<double> ever_visited(const Dense& dense, std::span<const double> visits);

struct Trough {
  double level = 0;
  double probability = 0;  // that the worst moment of a journey is `level` or worse
};
// The law of the worst moment of a journey from the start, levels ascending; the last probability is 1. Up to
// options.dense_states one elimination gives all levels; beyond, each level but the last is a solution of the chain in
// which the touchpoints at the level or below are an end, so there may be 1,000 of them (Unsupported).
std::vector<Trough> worst_moment(const Chain& chain, std::span<const double> experience,
                                 const SolveOptions& options = {}, const base::Cancellation& cancellation = {});

// Throws InvalidInput naming the touchpoint unless `values` is empty or has a finite number for each.
void check_finite(const std::vector<std::string>& names, std::span<const double> values, const char* what);

}  // namespace journeykit::markov
