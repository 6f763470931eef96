#include "journeykit/discovery/times.hpp"

#include <algorithm>
#include <limits>

#include "journeykit/base/error.hpp"

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

}  // namespace

std::optional<journey::TimeSummary> summarize(std::span<std::int64_t> values) {
  if (values.empty()) return std::nullopt;
  const std::size_t n = values.size();
  const auto at = [&](std::size_t k) { return values.begin() + static_cast<std::ptrdiff_t>(k); };
  journey::TimeSummary out;
  out.n = static_cast<std::int64_t>(n);
  out.mean_seconds = sum(values) / static_cast<double>(n) / kNsPerSecond;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  out.min_seconds = seconds(*least);
  out.max_seconds = seconds(*most);

  const std::size_t upper = n / 2;
  std::nth_element(values.begin(), at(upper), values.end());
  const std::int64_t above = *at(upper);
  const std::int64_t below = n % 2 == 1 ? above : *std::max_element(values.begin(), at(upper));
  out.median_seconds = (static_cast<double>(below) + static_cast<double>(above)) / 2 / kNsPerSecond;

  const std::size_t nine_times = 9 * (n - 1);
  const std::size_t rank = nine_times / 10;
  // Up to rank `upper` everything stands in its place already, for n = 2 too, where rank 0 is all that is below.
  if (rank > upper) std::nth_element(at(upper), at(rank), values.end());
  const std::int64_t lower_value = *at(rank);
  const std::int64_t upper_value = nine_times % 10 == 0 ? lower_value : *std::min_element(at(rank + 1), values.end());
  const double part = static_cast<double>(nine_times % 10) / 10;
  out.p90_seconds =
      (static_cast<double>(lower_value) * (1 - part) + static_cast<double>(upper_value) * part) / kNsPerSecond;
  return out;
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
  const auto offsets = log.case_offsets();
  const auto times = log.times();
  const auto end_times = log.end_times();
  std::vector<std::int64_t> out(log.case_count());
  for (std::size_t c = 0; c < out.size(); ++c) {
    std::int64_t end = times[offsets[c + 1] - 1];
    if (!end_times.empty()) {
      for (std::size_t e = offsets[c]; e < offsets[c + 1]; ++e) end = std::max(end, end_of_event(times, end_times, e));
    }
    out[c] = elapsed_ns(times[offsets[c]], end);
  }
  return out;
}

}  // namespace journeykit::discovery
