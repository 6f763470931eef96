#include "journeykit/base/ranks.hpp"

#include <algorithm>
#include <array>

namespace journeykit::base {
namespace {

std::vector<std::int64_t> by_partition(std::span<std::int64_t> values, std::span<const std::size_t> ranks) {
  std::vector<std::int64_t> out;
  auto begin = values.begin();
  for (const std::size_t rank : ranks) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
    if (at >= begin) std::nth_element(begin, at, values.end());
    out.push_back(*at);
    begin = std::max(begin, at + 1);  // the ranks asked for up to here are in their places
  }
  return out;
}

}  // namespace

BucketRank find_rank(std::span<const std::uint64_t> counts, std::size_t rank) {
  BucketRank out{0, rank};
  while (out.within >= counts[out.bucket]) out.within -= counts[out.bucket++];
  return out;
}

std::vector<std::int64_t> at_ranks(std::span<std::int64_t> values, std::span<const std::size_t> ranks) {
  constexpr std::size_t few = 1024;
  if (values.size() < few) return by_partition(values, ranks);
  const std::int64_t least = *std::min_element(values.begin(), values.end());
  // Differences of two int64 fit 64 bits without a sign.
  const auto above = [least](std::int64_t v) {
    return static_cast<std::uint64_t>(v) - static_cast<std::uint64_t>(least);
  };
  std::array<std::uint64_t, kRankBuckets> counts{};
  for (const std::int64_t v : values) ++counts[rank_bucket(above(v))];

  constexpr std::uint8_t unwanted = 0xFF;
  std::array<std::uint8_t, kRankBuckets> group_of{};
  group_of.fill(unwanted);
  std::vector<BucketRank> places;
  std::vector<std::vector<std::int64_t>> groups;
  for (const std::size_t rank : ranks) {
    places.push_back(find_rank(counts, rank));
    std::uint8_t& group = group_of[places.back().bucket];
    if (group != unwanted) continue;
    group = static_cast<std::uint8_t>(groups.size());
    groups.emplace_back().reserve(counts[places.back().bucket]);
  }
  for (const std::int64_t v : values) {
    const std::uint8_t group = group_of[rank_bucket(above(v))];
    if (group != unwanted) groups[group].push_back(v);
  }
  std::vector<std::int64_t> out;
  for (const BucketRank& place : places) {
    std::vector<std::int64_t>& group = groups[group_of[place.bucket]];
    const auto at = group.begin() + static_cast<std::ptrdiff_t>(place.within);
    std::nth_element(group.begin(), at, group.end());
    out.push_back(*at);
  }
  return out;
}

}  // namespace journeykit::base
