// The columns of a table with one estimate a row: value, low, high, n, customers, method and warning (missing: none).
#pragma once

#include "journeykit/base/table.hpp"
#include "journeykit/base/text_column.hpp"
#include "journeykit/metrics/estimate.hpp"

namespace journeykit::metrics {

class EstimateColumns {
 public:
  void add(const Estimate& estimate);
  // What a table adds of its own may stand between them.
  void value_to(base::Table& out, const char* name = "value") { out.add(name, std::move(value_)); }
  void interval_to(base::Table& out);  // low, high
  void counts_to(base::Table& out);    // n, customers
  void method_to(base::Table& out) { out.add("method", method_.finish()); }
  void warning_to(base::Table& out) { out.add("warning", warning_.finish()); }
  // low, high, n, customers, method, warning.
  void evidence_to(base::Table& out);

 private:
  base::Reals value_, low_, high_;
  base::Integers n_, customers_;
  base::TextColumn method_, warning_;
};

}  // namespace journeykit::metrics
