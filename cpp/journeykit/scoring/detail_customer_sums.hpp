// What the linearised variance over customers of every number of the map is made of.
#pragma once

#include <span>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"
#include "journeykit/scoring/detail_map_ratios.hpp"

namespace journeykit::scoring {

// Over customers.
struct FeatureSums {
  double sum = 0, squares = 0, cubes = 0, largest = 0, customers = 0;
  double own_squares = 0;  // of single observations
};
struct CustomerSums {
  std::vector<FeatureSums> features;
  std::vector<double> products;  // of the ratio's two features

  void add(const CustomerSums& other) {
    for (std::size_t f = 0; f < features.size(); ++f) {
      FeatureSums& mine = features[f];
      const FeatureSums& its = other.features[f];
      mine.sum += its.sum;
      mine.squares += its.squares;
      mine.cubes += its.cubes;
      mine.largest = std::max(mine.largest, its.largest);
      mine.customers += its.customers;
      mine.own_squares += its.own_squares;
    }
    for (std::size_t k = 0; k < products.size(); ++k) products[k] += other.products[k];
  }
};

// The same for any number of threads: blocks of whole customers are added up in their order.
CustomerSums sum_customers(const events::EventLog& log, const MapFeatures& features, std::span<const Ratio> ratios,
                           const IntervalOptions& options, const base::Cancellation& cancellation);

}  // namespace journeykit::scoring
