// What every model gives, and the shape in which it is asked: the paths are looked at once, then the model may be asked
// for many weights of them (the customers observed, then each bootstrap replicate).
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "journeykit/attribution/credit.hpp"
#include "journeykit/attribution/paths.hpp"

namespace journeykit::attribution {

struct PathWeights {  // per path: customers that converted and did not, value of the conversions (empty: not known)
  std::span<const double> conversions, nulls, values;
};

struct Attributed {                        // per channel; missing is NaN
  std::vector<double> removal_effect;      // share of conversions lost without the channel; markov only
  std::vector<double> conversions, value;  // add up to those of the weights; value is empty where values are
  std::vector<double> standard_error;      // of `conversions`, from sampled permutations; empty where exact
};

using Model = std::function<Attributed(const PathWeights&)>;

// The paths must outlive the model. A model may be asked from several threads.
Model credit_model(const Paths& paths, CreditRule rule, const CreditOptions& options);

}  // namespace journeykit::attribution
