// Shares of cases by the path they take, variants and funnels, with an interval over customers.
#pragma once

#include "journeykit/base/cancel.hpp"
#include "journeykit/base/table.hpp"
#include "journeykit/discovery/paths.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::scoring {

struct VariantOptions {
  std::int64_t minimum_cases = 1;  // variants of fewer cases are left out
  double confidence = 0.95;
};

// The variants of the whole log, most cases first. One row each: steps, cases, share, low, high, n (cases of the log),
// customers, median_seconds, example_case, method, warning; and their touchpoints, one variant after the other.
struct VariantShares {
  base::Table rows, steps;
};
VariantShares variant_intervals(const events::EventLog& log, const VariantOptions& options,
                                const base::Cancellation& cancellation);

// step, name, number ("share_of_all", "share_of_first", "share_of_previous"), value, low, high, n, customers, method,
// warning. Throws as discovery::funnel().
base::Table funnel_intervals(const events::EventLog& log, const discovery::FunnelOptions& funnel, double confidence,
                             const base::Cancellation& cancellation);

}  // namespace journeykit::scoring
