// Variants: the distinct sequences of touchpoints that cases run through. Equal hashes are compared touchpoint by
// touchpoint, so two sequences are never taken for one.
#pragma once

#include <cstdint>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/discovery/segments.hpp"
#include "journeykit/discovery/times.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::discovery {

struct Variant {
  std::uint32_t segment = 0;
  std::uint32_t example_case = 0;  // the case with the smallest id
  std::uint32_t steps = 0;
  std::int64_t cases = 0;
  double median_seconds = 0;  // duration of its cases
};

// By segment, then cases descending, then touchpoint names one after the other.
std::vector<Variant> variants(const events::EventLog& log, const Segments& segments,
                              const base::Cancellation& cancellation = {});

// Keys of the segment, steps, cases, share (of the segment's cases), median_seconds, example_case.
base::Table variant_table(const events::EventLog& log, const Segments& segments, const std::vector<Variant>& variants);
// The touchpoints of all variants in one column, variant after variant (`steps` of each).
base::Table variant_steps(const events::EventLog& log, const std::vector<Variant>& variants,
                          const base::Cancellation& cancellation = {});

// Keys of the segment, cases, customers, events and the durations of cases in seconds.
base::Table case_duration_table(const events::EventLog& log, const Segments& segments);

}  // namespace journeykit::discovery
