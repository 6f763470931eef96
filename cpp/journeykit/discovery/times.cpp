#include "journeykit/discovery/times.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/ranks.hpp"

namespace journeykit::discovery {
namespace {

constexpr double kNsPerSecond = 1e9;

// The exact sum, rounded once: high and low halves are added apart, because the whole may pass 64 bits.
double sum(std::span<const std::int64_t> values) {
  constexpr std::int64_t low_half = 0xFFFFFFFF;
  std::int64_t high = 0;
  std::uint64_t low = 0;
  for (const std::int64_t value : values) {
    high += value >> 32U;
    low += static_cast<std::uint64_t>(value & low_half);
  }
  high += static_cast<std::int64_t>(low >> 32U);
  low &= static_cast<std::uint64_t>(low_half);
  return static_cast<double>(high) * 4294967296.0 + static_cast<double>(low);
}

double seconds(std::int64_t ns) { return static_cast<double>(ns) / kNsPerSecond; }

double middle(std::int64_t below, std::int64_t above) {
  return (static_cast<double>(below) + static_cast<double>(above)) / 2 / kNsPerSecond;
}

}  // namespace

std::optional<journey::TimeSummary> summarize(std::span<std::int64_t> values) {
  if (values.empty()) return std::nullopt;
  const std::size_t n = values.size();
  journey::TimeSummary out;
  out.n = static_cast<std::int64_t>(n);
  out.mean_seconds = sum(values) / static_cast<double>(n) / kNsPerSecond;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  out.min_seconds = seconds(*least);
  out.max_seconds = seconds(*most);

  if (n == 1) {
    out.median_seconds = out.p90_seconds = out.min_seconds;
    return out;
  }
  // Median: the mean of the middle two. 90th percentile: between two neighbours at rank 0.9 (n - 1).
  const std::size_t nine_times = 9 * (n - 1);
  const std::size_t rank = nine_times / 10;
  const std::array<std::size_t, 4> ranks = {(n - 1) / 2, n / 2, rank, std::min(rank + 1, n - 1)};
  const std::vector<std::int64_t> found = base::at_ranks(values, ranks);
  out.median_seconds = middle(found[0], found[1]);
  const double part = static_cast<double>(nine_times % 10) / 10;
  out.p90_seconds = (static_cast<double>(found[2]) * (1 - part) + static_cast<double>(found[3]) * part) / kNsPerSecond;
  return out;
}

double median_seconds(std::span<std::int64_t> values) {
  if (values.size() == 1) return seconds(values[0]);
  const std::array<std::size_t, 2> ranks = {(values.size() - 1) / 2, values.size() / 2};
  const std::vector<std::int64_t> found = base::at_ranks(values, ranks);
  return middle(found[0], found[1]);
}

std::int64_t elapsed_ns(std::int64_t earlier, std::int64_t later) {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  if ((earlier < 0 && later > most + earlier) || (earlier > 0 && later < least + earlier)) {
    throw base::InvalidInput("two events of one case lie more than 292 years apart; correct the wrong time");
  }
  return later - earlier;
}

std::vector<std::int64_t> case_durations_ns(const events::EventLog& log) {
  constexpr std::size_t cases_at_once = 65'536;
  const auto offsets = log.case_offsets();
  const auto times = log.times();
  const auto end_times = log.end_times();
  std::vector<std::int64_t> out(log.case_count());
  base::parallel_for(out.size(), cases_at_once, 0, {}, [&](std::size_t begin, std::size_t stop) {
    for (std::size_t c = begin; c < stop; ++c) {
      std::int64_t end = times[offsets[c + 1] - 1];
      if (!end_times.empty()) {
        for (std::size_t e = offsets[c]; e < offsets[c + 1]; ++e)
          end = std::max(end, end_of_event(times, end_times, e));
      }
      out[c] = elapsed_ns(times[offsets[c]], end);
    }
  });
  return out;
}

}  // namespace journeykit::discovery
