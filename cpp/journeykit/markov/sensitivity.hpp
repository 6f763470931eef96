// Which move decides: the derivative of an outcome by every move from two solves (adjoint form, Caswell 2013), the
// exact change for a finite shift by the rank-one formula, and what may be shifted at all. SCIENCE notes §6.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/markov/outcome.hpp"

namespace journeykit::markov {

struct MoveSensitivity {  // of one move, when the other moves of its state shrink in proportion
  std::uint32_t source = 0, target = 0;
  double probability = 0;
  double slope = 0;       // dV / dp; NaN where it is the only move of its state
  double elasticity = 0;  // relative change of V per relative change of p; NaN where V is 0
};
struct Shift {  // probability taken from one move of a state and given to another
  std::uint32_t state = 0, from = 0, to = 0;
  double amount = 0;               // what was shifted: as asked, or as much as there is
  double slope = 0;                // dV / d amount at 0
  double linear = 0;               // slope × amount
  double change = 0;               // of V, exactly; NaN where it was not worked out
  double lowest = 0, highest = 0;  // the amounts that leave probabilities: −p(to) … p(from)
};

// V of the start, V at every state then every end, and the visits from the start.
struct Adjoint {
  double value = 0;
  std::vector<double> values;  // shape (states + ends,)
  std::vector<double> visits;
  std::vector<double> move_rewards;  // as given, by move; empty: zeros
};
Adjoint adjoint(const Chain& chain, const Inverse& inverse, const Reward& reward,
                const base::Cancellation& cancellation = {});

// What a unit of V is worth and what changing a state costs: shifts are ranked by change · worth − cost.
struct Price {
  double worth = 1;
  std::vector<double> cost;  // by state; empty: zeros

  double net(double change, std::uint32_t state) const { return change * worth - (cost.empty() ? 0 : cost[state]); }
};

std::vector<MoveSensitivity> move_sensitivities(const Chain& chain, const Adjoint& adjoint);
// All shifts of `amount` between two allowed moves of a state, the best first, at most `most` of them.
std::vector<Shift> shifts(const Chain& chain, const Inverse& inverse, const Adjoint& adjoint, double amount,
                          std::size_t most, const Price& price = {}, const base::Cancellation& cancellation = {});
// One shift, also to a target the state does not move to yet (whose move then brings what the moves of the state bring
// on average). Throws InvalidInput outside lowest … highest.
Shift shift(const Chain& chain, const Inverse& inverse, const Adjoint& adjoint, std::uint32_t state, std::uint32_t from,
            std::uint32_t to, double amount, const base::Cancellation& cancellation = {});
// The exact changes of V for given shifts, whether or not the probabilities have room for them.
std::vector<double> shift_changes(const Chain& chain, const Inverse& inverse, const Adjoint& adjoint,
                                  const std::vector<Shift>& shifts, const base::Cancellation& cancellation = {});

}  // namespace journeykit::markov
