// What a chain is asked, and its numbers as one row: the row that every replicate of the chain gives again.
#pragma once

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
// How many numbers() gives.
std::size_t width_of(const Chain& chain, const Question& question, std::span<const Part> parts);

}  // namespace journeykit::markov
