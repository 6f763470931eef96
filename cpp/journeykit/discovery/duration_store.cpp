#include "journeykit/discovery/duration_store.hpp"

#include <algorithm>
#include <bit>

#include "journeykit/discovery/times.hpp"

namespace journeykit::discovery {
namespace {

constexpr unsigned kBits = 7;  // kept of each value: 64 buckets to each doubling
constexpr std::int32_t kLastBucket = 57 * 64 + 127;
constexpr double kNsPerSecond = 1e9;

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
}

// The middle of a bucket of positive values.
std::uint64_t middle(std::uint32_t bucket) {
  if (bucket < 128) return bucket;
  const std::uint32_t shift = bucket / 64 - 1;
  const std::uint64_t least = std::uint64_t{bucket - 64 * shift} << shift;
  return least + ((std::uint64_t{1} << shift) - 1) / 2;
}

}  // namespace

void WideSum::add(const WideSum& other) {
  low += other.low;
  // unsigned: bytes of others may hold any sum
  high = static_cast<std::int64_t>(static_cast<std::uint64_t>(high) + static_cast<std::uint64_t>(other.high) +
                                   (low >> 32U));
  low &= 0xFFFFFFFFU;
}

void write_wide(base::ByteWriter& out, const WideSum& sum) {
  out.number(sum.high);
  out.count(sum.low);
}

WideSum read_wide(base::ByteReader& in) {
  constexpr std::int64_t most = std::int64_t{1} << 60U;
  WideSum sum;
  sum.high = in.number();
  if (sum.high > most || sum.high < -most) in.refuse("a sum is out of range");
  sum.low = in.count_below(std::uint64_t{1} << 32U);
  return sum;
}

std::int32_t DurationStore::bucket_of(std::int64_t value) {
  const std::uint64_t size = magnitude(value);
  const auto width = static_cast<unsigned>(std::bit_width(size));
  const unsigned shift = width > kBits ? width - kBits : 0;
  const auto bucket = static_cast<std::int32_t>(shift * 64 + static_cast<unsigned>(size >> shift));
  return value < 0 ? -bucket : bucket;
}

void DurationStore::pour() {
  for (const std::int64_t value : values_) count(bucket_of(value), 1);
  values_ = {};
}

void DurationStore::widen(std::int32_t bucket, std::int64_t times) {
  if (counts_.empty()) {
    first_ = bucket;
    counts_.assign(1, times);
    return;
  }
  const std::int32_t last = first_ + static_cast<std::int32_t>(counts_.size()) - 1;
  const std::int32_t new_first = std::min(first_, bucket);
  counts_.insert(counts_.begin(), static_cast<std::size_t>(first_ - new_first), 0);
  counts_.resize(static_cast<std::size_t>(std::max(last, bucket) - new_first) + 1, 0);
  first_ = new_first;
  counts_[static_cast<std::size_t>(bucket - first_)] += times;
}

void DurationStore::merge(const DurationStore& other, std::size_t exact_up_to) {
  n_ = base::add_tallies(n_, other.n_);
  sum_.add(other.sum_);
  least_ = std::min(least_, other.least_);
  most_ = std::max(most_, other.most_);
  if (static_cast<std::uint64_t>(n_) <= exact_up_to) {
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
    return;
  }
  pour();
  for (const std::int64_t value : other.values_) count(bucket_of(value), 1);
  for (std::size_t k = 0; k < other.counts_.size(); ++k) {
    if (other.counts_[k] > 0) count(other.first_ + static_cast<std::int32_t>(k), other.counts_[k]);
  }
}

std::int64_t DurationStore::at_rank(std::int64_t rank) const {
  std::int64_t seen = 0;
  std::size_t k = 0;
  while (k + 1 < counts_.size() && (seen += counts_[k]) <= rank) ++k;
  const std::int32_t bucket = first_ + static_cast<std::int32_t>(k);
  const std::uint64_t size = middle(static_cast<std::uint32_t>(bucket < 0 ? -bucket : bucket));
  const auto value = static_cast<std::int64_t>(bucket < 0 ? ~size + 1 : size);
  return std::clamp(value, least_, most_);
}

std::optional<journey::TimeSummary> DurationStore::summary() const {
  if (n_ == 0) return std::nullopt;
  if (exact()) {
    std::vector<std::int64_t> values = values_;
    return summarize(values);
  }
  const auto seconds = [](double ns) { return ns / kNsPerSecond; };
  journey::TimeSummary out;
  out.n = n_;
  out.mean_seconds = seconds(sum_.rounded() / static_cast<double>(n_));
  out.min_seconds = seconds(static_cast<double>(least_));
  out.max_seconds = seconds(static_cast<double>(most_));
  const auto at = [&](std::int64_t rank) { return static_cast<double>(at_rank(rank)); };
  out.median_seconds = seconds((at((n_ - 1) / 2) + at(n_ / 2)) / 2);
  const std::int64_t whole = (n_ - 1) / 10;  // of the rank 0.9 (n - 1)
  const std::int64_t nine_times = 9 * ((n_ - 1) % 10);
  const std::int64_t rank = 9 * whole + nine_times / 10;
  const double part = static_cast<double>(nine_times % 10) / 10;
  out.p90_seconds = seconds(at(rank) * (1 - part) + at(std::min(rank + 1, n_ - 1)) * part);
  return out;
}

void DurationStore::write(base::ByteWriter& out) const {
  out.number(n_);
  if (n_ == 0) return;
  if (exact()) {
    std::vector<std::int64_t> values = values_;
    std::ranges::sort(values);
    std::int64_t before = 0;
    for (const std::int64_t value : values) {  // wraps round for values of both signs and ends, and back when read
      out.number(static_cast<std::int64_t>(static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(before)));
      before = value;
    }
    return;
  }
  write_wide(out, sum_);
  out.number(least_);
  out.number(most_);
  std::uint64_t filled = 0;
  for (const std::int64_t times : counts_) filled += times > 0 ? 1 : 0;
  out.count(filled);
  std::int64_t before = -kLastBucket;
  for (std::size_t k = 0; k < counts_.size(); ++k) {
    if (counts_[k] == 0) continue;
    const std::int64_t bucket = std::int64_t{first_} + static_cast<std::int64_t>(k);
    out.count(static_cast<std::uint64_t>(bucket - before));
    out.number(counts_[k]);
    before = bucket;
  }
}

DurationStore DurationStore::read(base::ByteReader& in, std::size_t exact_up_to) {
  DurationStore out;
  const std::int64_t n = in.tally();
  if (n == 0) return out;
  if (static_cast<std::uint64_t>(n) <= exact_up_to) {
    std::int64_t value = 0;
    for (std::int64_t k = 0; k < n; ++k) {
      const std::int64_t next =
          static_cast<std::int64_t>(static_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(in.number()));
      if (k > 0 && next < value) in.refuse("times are out of order");
      out.add(value = next, exact_up_to);
    }
    return out;
  }
  out.n_ = n;
  out.sum_ = read_wide(in);
  out.least_ = in.number();
  out.most_ = in.number();
  const std::uint64_t filled = in.length();
  std::int64_t bucket = -kLastBucket;
  std::int64_t total = 0;
  for (std::uint64_t k = 0; k < filled; ++k) {
    const std::uint64_t step = in.count_below(2 * static_cast<std::uint64_t>(kLastBucket) + 1);
    if (step == 0 && k > 0) in.refuse("a bucket stands twice");
    bucket += static_cast<std::int64_t>(step);
    const std::int64_t times = in.tally();
    if (times == 0 || bucket > kLastBucket) in.refuse("a bucket is out of range");
    total = base::add_tallies(total, times);
    out.count(static_cast<std::int32_t>(bucket), times);
  }
  if (total != n || out.least_ > out.most_) in.refuse("buckets and numbers do not fit");
  return out;
}

}  // namespace journeykit::discovery
