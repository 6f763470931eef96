// Order statistics of many whole numbers without sorting them: numbers are counted in buckets whose width grows with
// their size (1/64 of it), and only the buckets in which a wanted rank falls are looked into. Exact.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace journeykit::base {

inline constexpr std::size_t kRankBuckets = 64 * 60;

// Bucket of a number; never falls as the number grows.
inline std::size_t rank_bucket(std::uint64_t value) {
  constexpr unsigned kept_bits = 6;  // after the leading one
  if (value < 64) return static_cast<std::size_t>(value);
  const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kept_bits;
  return (static_cast<std::size_t>(shift) << kept_bits) + static_cast<std::size_t>(value >> shift);
}

struct BucketRank {
  std::size_t bucket = 0;
  std::size_t within = 0;  // rank among the numbers of the bucket
};

// Where rank `rank` (from 0) falls, by the counts of all buckets.
BucketRank find_rank(std::span<const std::uint64_t> counts, std::size_t rank);

// The numbers that would stand at `ranks` if `values` were sorted. Each rank is below their number, and no smaller than
// the one before unless it stands earlier among the ranks. Reorders `values` when there are few of them.
std::vector<std::int64_t> at_ranks(std::span<std::int64_t> values, std::span<const std::size_t> ranks);

}  // namespace journeykit::base
