#include "journeykit/attribution/poisson.hpp"

#include <cmath>
#include <limits>

namespace journeykit::attribution {
namespace {

// ln k!: exact sums below 16, Stirling's series above (error below 1e-13 there).
double log_factorial(double k) {
  if (k < 16) {
    double out = 0;
    for (double j = 2; j <= k; ++j) out += std::log(j);
    return out;
  }
  constexpr double half_log_two_pi = 0.91893853320467274178;
  const double s = 1 / (k * k);
  return (k + 0.5) * std::log(k) - k + half_log_two_pi + (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260))) / k;
}

double by_inversion(PoissonStream& stream, double mean) {
  double u = stream.uniform();
  double probability = std::exp(-mean);
  double k = 0;
  while (u >= probability && k < 200) {
    u -= probability;
    ++k;
    probability *= mean / k;
  }
  return k;
}

double by_rejection(PoissonStream& stream, double mean) {
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double squeeze = 0.9277 - 3.6224 / (b - 2);
  const double log_mean = std::log(mean);
  while (true) {
    const double u = stream.uniform() - 0.5;
    const double v = stream.uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= squeeze) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <= k * log_mean - mean - log_factorial(k)) return k;
  }
}

}  // namespace

PoissonTables::PoissonTables() {
  constexpr double unit = 0x1.0p64;
  for (std::size_t mean = 1; mean < kMeans; ++mean) {
    Table& table = tables_[mean];
    double probability = std::exp(-static_cast<double>(mean)), sum = probability;
    for (double k = 1; sum < 1 && probability > 1e-20; ++k) {
      table.below.push_back(static_cast<std::uint64_t>(sum * unit));
      probability *= static_cast<double>(mean) / k;
      sum += probability;
    }
    table.below.push_back(std::numeric_limits<std::uint64_t>::max());
    std::uint8_t k = 0;
    for (std::size_t byte = 0; byte < table.guide.size(); ++byte) {
      const std::uint64_t first = static_cast<std::uint64_t>(byte) << 56U;
      while (first >= table.below[k] && std::size_t{k} + 1 < table.below.size()) ++k;
      table.guide[byte] = k;
    }
  }
}

double PoissonTables::draw_other(PoissonStream& stream, double mean) {
  return mean < 10 ? by_inversion(stream, mean) : by_rejection(stream, mean);
}

}  // namespace journeykit::attribution
