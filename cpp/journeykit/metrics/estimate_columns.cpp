#include "journeykit/metrics/estimate_columns.hpp"

namespace journeykit::metrics {

void EstimateColumns::add(const Estimate& estimate) {
  value_.values.push_back(estimate.value);
  low_.values.push_back(estimate.low);
  high_.values.push_back(estimate.high);
  n_.values.push_back(estimate.n);
  customers_.values.push_back(estimate.customers);
  method_.add(estimate.method);
  warning_.add(estimate.warning);
}

void EstimateColumns::interval_to(base::Table& out) {
  out.add("low", std::move(low_));
  out.add("high", std::move(high_));
}

void EstimateColumns::counts_to(base::Table& out) {
  out.add("n", std::move(n_));
  out.add("customers", std::move(customers_));
}

void EstimateColumns::evidence_to(base::Table& out) {
  interval_to(out);
  counts_to(out);
  method_to(out);
  warning_to(out);
}

}  // namespace journeykit::metrics
