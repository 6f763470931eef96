#include <algorithm>
#include <cmath>

#include "journeykit/metrics/interval.hpp"
#include "journeykit/metrics/quantile.hpp"
#include "journeykit/scoring/detail_percentiles.hpp"

namespace journeykit::scoring {

std::array<double, 2> percentiles(std::vector<double>& replicates, double customers, double confidence) {
  std::erase_if(replicates, [](double value) { return std::isnan(value); });
  if (replicates.size() < 2 || customers < 2) return {metrics::kNoNumber, metrics::kNoNumber};
  const double t = metrics::t_quantile(0.5 + confidence / 2, customers - 1) * std::sqrt(customers / (customers - 1));
  const double tail = metrics::normal_two_sided(t) / 2;
  std::ranges::sort(replicates);
  const auto at = [&](double level) {
    const double place = level * static_cast<double>(replicates.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double part = place - static_cast<double>(below);
    return replicates[below] * (1 - part) + replicates[std::min(below + 1, replicates.size() - 1)] * part;
  };
  return {at(tail), at(1 - tail)};
}

}  // namespace journeykit::scoring
