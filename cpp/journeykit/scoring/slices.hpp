// When and for whom a step fails: a scan over every touchpoint, every value of the given columns (and all of them
// together) and every run of time windows, for the slice whose cases complete least against all other cases at the same
// touchpoint (the scan statistic of Kulldorff 1997, Bernoulli model, low rates). The cases of a slice found are set
// aside and the scan repeated, so that one failure is reported once, at the step where it shows most. Cases that began
// within the idle limit before the end of observation are left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::scoring {

struct SliceOptions {
  std::vector<std::string> by;  // columns of text or whole numbers; the value of a case is its first known one
  std::int64_t window_ns = 7LL * 86'400 * 1'000'000'000;
  std::int64_t minimum_n = 10;  // cases in a slice
  std::size_t most = 10;        // slices reported
  double confidence = 0.95;
};

struct Slice {
  std::string touchpoint, column, value;  // column "" and value "": everybody
  std::int64_t from_ns = 0,
               until_ns = 0;  // [from, until) of the visit of the touchpoint; until is the end of the last window
  bool whole_time = false;
  std::int64_t cases = 0, customers = 0;
  double completed_share = 0, others_completed_share = 0;
  double lost_completions = 0, low = 0, high = 0;
  double p = 1;           // the larger of the clustered and the exact binomial one
  double adjusted_p = 1;  // by the number of slices scanned (Bonferroni)
};

// In the order found: largest likelihood ratio first; stops where adjusted_p exceeds 5 %. Throws InvalidInput when the
// log names nothing that completes a case, when a column holds decimals or times or when there are more than 400
// windows.
std::vector<Slice> find_failing_slices(const events::EventLog& log, const SliceOptions& options,
                                       const base::Cancellation& cancellation);

}  // namespace journeykit::scoring
