// Attribution of customers drawn again.
#pragma once

#include <cstdint>
#include <vector>

#include "journeykit/attribution/attribute.hpp"
#include "journeykit/attribution/model.hpp"

namespace journeykit::attribution {

Model make_model(const Paths& paths, const AttributionOptions& options, double tolerance, unsigned threads,
                 const base::Cancellation& cancellation);

struct Replicates {
  std::size_t channels = 0;
  std::vector<double> removal_effect, conversions, value, share;  // each of shape (replicates, channels)
  std::vector<double> in_top;  // per channel: replicates in which it is among the first
  double known = 0;            // replicates with a conversion
};
Replicates resample(const Paths& paths, const Customers& customers, const AttributionOptions& options,
                    std::size_t replicates, const base::Cancellation& cancellation);

// The value of channel c with the interval that its replicates give; NaN where fewer than nine tenths have the number.
Estimate estimate(double value, const std::vector<double>& draws, std::size_t channels, std::size_t c,
                  double confidence);

}  // namespace journeykit::attribution
