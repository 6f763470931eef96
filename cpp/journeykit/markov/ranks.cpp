#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/table.hpp"
#include "journeykit/markov/uncertainty.hpp"

namespace journeykit::markov {
namespace {

constexpr std::size_t kMostRanked = 1000;

// Positions in `among`, the largest key first.
void sort_by_key(std::vector<std::uint32_t>& order, const RankRule& rule, const double* numbers,
                 const std::vector<std::uint32_t>& among, std::vector<double>& keys) {
  for (std::size_t k = 0; k < among.size(); ++k) keys[k] = rule.key(numbers[among[k]], among[k]);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order,
                    [&](std::uint32_t a, std::uint32_t b) { return keys[a] != keys[b] ? keys[a] > keys[b] : a < b; });
}

}  // namespace

double RankRule::key(double x, std::size_t k) const {
  const double out = by_size ? std::abs(x) : x * worth - (cost.empty() ? 0 : cost[k]);
  return std::isnan(out) ? -std::numeric_limits<double>::infinity() : out;
}

Ranks ranks_of(std::span<const double> observed, const Replicates& replicates, const RankRule& rule, double confidence,
               unsigned threads, const base::Cancellation& cancellation) {
  const auto& [count, width, values, failed] = replicates;
  if (rule.top < 1) throw base::InvalidInput("top is 0; expected a whole number from 1");
  Ranks out{std::vector<std::int64_t>(width, base::kMissingInteger),
            {},
            {},
            std::vector<double>(width, std::numeric_limits<double>::quiet_NaN())};
  out.low = out.high = out.rank;
  std::vector<std::uint32_t> among(width), order(width);
  std::iota(among.begin(), among.end(), 0U);
  std::vector<double> observed_keys(width);
  sort_by_key(order, rule, observed.data(), among, observed_keys);
  std::vector<std::uint32_t> ranked;
  for (std::size_t place = 0; place < width; ++place) {
    if (std::isnan(observed[order[place]])) continue;
    out.rank[order[place]] = static_cast<std::int64_t>(place + 1);
    if (ranked.size() < kMostRanked) ranked.push_back(order[place]);
  }
  const std::size_t n = ranked.size();
  std::vector<std::uint32_t> ranks(count * n, 0);  // row-major (replicates, ranked); 0: no solution
  base::parallel_for(count, 8, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    std::vector<std::uint32_t> places(n);
    std::vector<double> keys(n);
    for (std::size_t r = begin; r < end; ++r) {
      const double* row = values.data() + r * width;
      if (std::all_of(row, row + width, [](double x) { return std::isnan(x); })) continue;
      sort_by_key(places, rule, row, ranked, keys);
      for (std::size_t place = 0; place < n; ++place) {
        ranks[r * n + places[place]] = static_cast<std::uint32_t>(place + 1);
      }
    }
  });
  base::parallel_for(n, 16, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    std::vector<double> column;
    for (std::size_t k = begin; k < end; ++k) {
      column.clear();
      for (std::size_t r = 0; r < count; ++r) {
        if (ranks[r * n + k] != 0) column.push_back(ranks[r * n + k]);
      }
      if (column.size() < 2 || 2 * column.size() < count) continue;
      const auto top = std::ranges::count_if(column, [&](double x) { return x <= static_cast<double>(rule.top); });
      const std::uint32_t at = ranked[k];
      out.p_in_top[at] = static_cast<double>(top) / static_cast<double>(column.size());
      std::ranges::sort(column);
      const auto low = static_cast<std::int64_t>(std::floor(percentile(column, (1 - confidence) / 2)));
      const auto high = static_cast<std::int64_t>(std::ceil(percentile(column, (1 + confidence) / 2)));
      out.low[at] = std::min(out.rank[at], low);
      out.high[at] = std::max(out.rank[at], high);
    }
  });
  return out;
}

}  // namespace journeykit::markov
