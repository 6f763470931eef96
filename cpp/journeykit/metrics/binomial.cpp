#include "journeykit/metrics/binomial.hpp"

#include <array>
#include <cmath>

namespace journeykit::metrics {
namespace {

// log k! less its Stirling approximation (k + ½) log(k + 1) − (k + 1) + ½ log 2π.
double stirling_rest(double k) {
  constexpr std::array<double, 10> small = {
      0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
      0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287};
  if (k < 10) return small[static_cast<std::size_t>(k)];
  const double x = k + 1;
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / (x * x)) / (x * x)) / x;
}

// Sums the probabilities from 0 on; for n·p < 10 the walk is short.
std::int64_t by_inversion(Stream& stream, double n, double p) {
  const double q = 1 - p;
  const double at_zero = std::exp(n * std::log1p(-p));
  const double spread = n * p + 10 * std::sqrt(n * p * q + 1);
  const double last = std::min(n, spread);
  for (;;) {
    double u = stream.uniform();
    double probability = at_zero;
    for (double k = 0; k <= last; ++k) {
      if (u <= probability) return static_cast<std::int64_t>(k);
      u -= probability;
      probability *= (n - k) * p / ((k + 1) * q);
    }
    // beyond ten standard deviations, or what rounding left of the sum: draw again
  }
}

// Hörmann's BTRS with names as in the paper; needs n·p >= 10 and p <= ½.
std::int64_t by_rejection(Stream& stream, double n, double p) {
  const double q = 1 - p;
  const double spq = std::sqrt(n * p * q);
  const double b = 1.15 + 2.53 * spq;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double c = n * p + 0.5;
  const double alpha = (2.83 + 5.1 / b) * spq;
  const double vr = 0.92 - 4.2 / b;
  const double r = p / q;
  const double m = std::floor((n + 1) * p);
  for (;;) {
    const double u = stream.uniform() - 0.5;
    double v = stream.uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + c);  // us = 0 gives -infinity, which the next line refuses
    if (!(k >= 0 && k <= n)) continue;
    if (us >= 0.07 && v <= vr) return static_cast<std::int64_t>(k);
    v = std::log(v * alpha / (a / (us * us) + b));
    const double bound = (m + 0.5) * std::log((m + 1) / (r * (n - m + 1))) +
                         (n + 1) * std::log((n - m + 1) / (n - k + 1)) +
                         (k + 0.5) * std::log(r * (n - k + 1) / (k + 1)) + stirling_rest(m) + stirling_rest(n - m) -
                         stirling_rest(k) - stirling_rest(n - k);
    if (v <= bound) return static_cast<std::int64_t>(k);
  }
}

}  // namespace

std::int64_t draw_binomial(Stream& stream, std::int64_t n, double share) {
  if (n <= 0 || !(share > 0)) return 0;
  if (share >= 1) return n;
  const double trials = static_cast<double>(n);
  const double p = std::min(share, 1 - share);
  const std::int64_t k = trials * p < 10 ? by_inversion(stream, trials, p) : by_rejection(stream, trials, p);
  return share <= 0.5 ? k : n - k;
}

}  // namespace journeykit::metrics
