// Percentile bootstrap of answers on a scale. What is drawn again are units that are independent of each other:
// answers, or customers with all of their answers. Units that are alike form a class, and a replicate is one
// multinomial draw of the class sizes (conditional binomials): the same distribution as drawing unit by unit, at a cost
// that does not grow with the number of answers. Replicate r has its own stream, so that the result does not depend on
// threads.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/metrics/interval.hpp"

namespace journeykit::metrics {

enum class AnswerNumber { Nps, TopShare, Mean };  // points (−100 to 100) · 0 to 1 · points of the scale
struct AnswerScale {
  AnswerNumber number = AnswerNumber::Nps;
  int low = 0;  // whole points from low to high, at most 256 of them
  int high = 10;
  int top = 2;  // TopShare: how many of the best points count
};

struct BootstrapOptions {
  std::int64_t replicates = 1000;
  double confidence = kConfidence;
  std::uint64_t seed = 0;
  unsigned threads = 0;
};

struct Bootstrap {
  double value = kNoNumber;  // NaN: no data
  double standard_error = kNoNumber;
  Interval interval;       // NaN: the warning says why
  std::int64_t n = 0;      // answers
  std::int64_t units = 0;  // answers, or customers
  std::string method;
  std::string warning;
};

// Answers per point of the scale, added to `counts`, which is sized by the first call; NaN is no answer. Throws
// InvalidInput with the row (`first_row` + position) of what is no point of the scale. For 8- to 64-bit integers, float
// and double.
template <class T>
void count_answers(std::span<const T> answers, const AnswerScale& scale, std::size_t first_row,
                   std::vector<std::int64_t>& counts);

// Answers that are independent of each other, as counted by count_answers.
Bootstrap bootstrap_answers(const std::vector<std::int64_t>& counts, const AnswerScale& scale,
                            const BootstrapOptions& options, const base::Cancellation& cancellation);
// Customer `customers[k]`, 0 to n − 1, gave answer k; customers are drawn with all of their answers.
Bootstrap bootstrap_customers(std::span<const double> answers, std::span<const std::int32_t> customers,
                              const AnswerScale& scale, const BootstrapOptions& options,
                              const base::Cancellation& cancellation);

}  // namespace journeykit::metrics
