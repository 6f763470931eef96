// Percentiles of bootstrap replicates, widened so that they agree with t for few customers (Hesterberg 2015).
#pragma once

#include <array>
#include <vector>

namespace journeykit::scoring {

// Sorts the replicates and drops those without a number. NaN for fewer than two replicates or customers.
std::array<double, 2> percentiles(std::vector<double>& replicates, double customers, double confidence);

}  // namespace journeykit::scoring
