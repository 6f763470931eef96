// A chain seen only at some of its states: where a journey comes next among them, or that it is over first, and what it
// brings until then (the censored chain, Kemeny & Snell 1960, ch. 6). What holds between these states, ends and rewards
// holds as in the whole chain, in a chain as small as the question.
#pragma once

#include <cstdint>
#include <vector>

#include "journeykit/markov/outcome.hpp"

namespace journeykit::markov {

struct Censored {
  Chain chain;        // of the states asked for, in their order; one end, "over"; `start` adds up to at most 1
  Reward reward;      // per visit: with all that comes until the next of these states, or the end
  double before = 0;  // expected before the first of these states, from the start
};
// `states` without repeats. Beyond options.dense_states other states it takes a solution for each of `states`.
Censored censored(const Chain& chain, const Reward& reward, const std::vector<std::uint32_t>& states,
                  const SolveOptions& options = {}, const base::Cancellation& cancellation = {});

}  // namespace journeykit::markov
