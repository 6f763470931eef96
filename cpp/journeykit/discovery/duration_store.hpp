// Lengths of time that add up over the parts of a log. Number, sum, least and most are exact always. The values
// themselves are kept while there are at most `exact_up_to` of them; beyond that only their counts in buckets with
// fixed bounds (64 to each doubling, as HdrHistogram has), so that a median or percentile is off by at most 1/128 of
// itself. Which of the two depends on the number of values alone, never on the order of adding or merging.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "journeykit/base/bytes.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::discovery {

// A sum that passes 64 bits: exact for 2^31 values of any size and more.
struct WideSum {
  std::int64_t high = 0;  // · 2^32
  std::uint64_t low = 0;  // below 2^32

  void add(std::int64_t value) {
    low += static_cast<std::uint64_t>(value) & 0xFFFFFFFFU;
    high += (value >> 32U) + static_cast<std::int64_t>(low >> 32U);
    low &= 0xFFFFFFFFU;
  }
  void add(const WideSum& other);
  double rounded() const { return static_cast<double>(high) * 4294967296.0 + static_cast<double>(low); }
  bool operator==(const WideSum&) const = default;
};

void write_wide(base::ByteWriter& out, const WideSum& sum);
WideSum read_wide(base::ByteReader& in);

inline constexpr double kSketchError = 1.0 / 128;

class DurationStore {
 public:
  void add(std::int64_t value, std::size_t exact_up_to) {
    sum_.add(value);
    least_ = value < least_ ? value : least_;
    most_ = value > most_ ? value : most_;
    if (n_++ < static_cast<std::int64_t>(exact_up_to)) {
      values_.push_back(value);
      return;
    }
    if (!values_.empty() || counts_.empty()) pour();
    count(bucket_of(value), 1);
  }
  void merge(const DurationStore& other, std::size_t exact_up_to);

  std::int64_t n() const { return n_; }
  bool exact() const { return counts_.empty(); }
  // As summarize() gives it while exact; otherwise median and 90th percentile from the middles of the buckets.
  std::optional<journey::TimeSummary> summary() const;

  void write(base::ByteWriter& out) const;
  static DurationStore read(base::ByteReader& in, std::size_t exact_up_to);

 private:
  static std::int32_t bucket_of(std::int64_t value);
  void pour();  // values into buckets
  void count(std::int32_t bucket, std::int64_t times) {
    const std::int64_t at = std::int64_t{bucket} - first_;
    if (at >= 0 && at < static_cast<std::int64_t>(counts_.size())) {
      counts_[static_cast<std::size_t>(at)] += times;
    } else {
      widen(bucket, times);
    }
  }
  void widen(std::int32_t bucket, std::int64_t times);
  std::int64_t at_rank(std::int64_t rank) const;  // in buckets

  std::int64_t n_ = 0;
  std::int64_t least_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t most_ = std::numeric_limits<std::int64_t>::min();
  WideSum sum_;
  std::vector<std::int64_t> values_;  // in any order
  std::vector<std::int64_t> counts_;  // of buckets first_, first_ + 1, …
  std::int32_t first_ = 0;
};

}  // namespace journeykit::discovery
