// Rules that share each conversion out among the steps of its own path, whatever other customers did.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "journeykit/attribution/paths.hpp"

namespace journeykit::attribution {

enum class CreditRule : std::uint8_t { First, Last, LastNonDirect, Linear, Position, TimeDecay, EqualByChannel };

struct CreditOptions {
  std::vector<std::string> direct{"direct"};   // LastNonDirect: skipped, unless the path has nothing else
  double first_share = 0.4, last_share = 0.4;  // Position: the rest goes to the steps between, in equal parts
  double half_life = 1;                        // TimeDecay: in steps, or in the unit of the ages
};

// Credit of each step, shape (n_steps,): adds to 1 over each path. EqualByChannel gives each distinct channel of a path
// the same (at its first step): the Shapley value of "conversions of customers who met no channel outside the set",
// because that game is a sum of unanimity games (Shapley 1953). Throws InvalidInput for options out of range.
std::vector<double> step_credit(const Paths& paths, CreditRule rule, const CreditOptions& options);

}  // namespace journeykit::attribution
