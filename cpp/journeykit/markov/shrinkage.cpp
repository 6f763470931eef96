#include "journeykit/markov/shrinkage.hpp"

#include <cmath>
#include <numeric>

#include "journeykit/base/error.hpp"

namespace journeykit::markov {
namespace {

// ln Γ(x + n) − ln Γ(x). For whole n up to a few as a sum, which does not subtract two large numbers.
double log_rising(double x, double n) {
  constexpr double few = 64;
  if (n > few || n != std::floor(n)) return std::lgamma(x + n) - std::lgamma(x);
  double out = 0;
  for (double k = 0; k < n; ++k) out += std::log(x + k);
  return out;
}

std::size_t width_of(const Chain& chain) { return chain.targets.size() + chain.start_counts.size(); }

}  // namespace

double log_likelihood(const Chain& whole, std::span<const double> counts, double kappa,
                      const base::Cancellation& cancellation) {
  const std::size_t width = width_of(whole);
  if (width == 0 || counts.size() % width != 0)
    throw base::InvalidInput("the counts of the segments have a wrong shape");
  double out = 0;
  for (std::size_t begin = 0; begin < counts.size(); begin += width) {
    cancellation.check();
    for (std::size_t i = 0; i < whole.size(); ++i) {
      double n = 0;
      for (std::size_t k = whole.offsets[i]; k < whole.offsets[i + 1]; ++k) {
        const double count = counts[begin + k];
        if (count == 0) continue;
        n += count;
        out += log_rising(kappa * whole.probabilities[k], count);
      }
      out -= log_rising(kappa, n);
    }
  }
  return out;
}

Shrinkage shrinkage(const Chain& whole, std::span<const double> counts, const base::Cancellation& cancellation) {
  const auto at = [&](double log_kappa) { return log_likelihood(whole, counts, std::exp(log_kappa), cancellation); };
  // On a grid first, because nothing promises a single maximum; then by golden section around the best.
  constexpr int points = 64;
  const double least = std::log(kLeastKappa), most = std::log(kMostKappa), step = (most - least) / points;
  int best = 0;
  double highest = at(least);
  for (int k = 1; k <= points; ++k) {
    const double here = at(least + k * step);
    if (here > highest) {
      highest = here;
      best = k;
    }
  }
  if (best == points) return {kMostKappa, highest};
  double low = least + std::max(0, best - 1) * step, high = least + (best + 1) * step;
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double left = high - golden * (high - low), right = low + golden * (high - low);
  double at_left = at(left), at_right = at(right);
  while (high - low > 1e-7) {
    if (at_left >= at_right) {
      high = right;
      right = left;
      at_right = at_left;
      at_left = at(left = high - golden * (high - low));
    } else {
      low = left;
      left = right;
      at_left = at_right;
      at_right = at(right = low + golden * (high - low));
    }
  }
  const double kappa = (low + high) / 2;
  return {std::exp(kappa), at(kappa)};
}

Chain shrunk(const Chain& whole, std::span<const double> counts, double kappa) {
  if (whole.counts.empty()) throw base::InvalidInput("a chain of probabilities alone has no segments; give counts");
  if (!(kappa > 0) || std::isinf(kappa)) throw base::InvalidInput("kappa must be a number above 0");
  Chain out = whole;
  out.pseudo = whole.probabilities;
  for (double& x : out.pseudo) x *= kappa;
  out = with_counts(out, counts);
  const auto starts = counts.subspan(whole.targets.size());
  if (std::accumulate(starts.begin(), starts.end(), 0.0) == 0) out.start_counts.clear();  // not counted here: given
  return out;
}

}  // namespace journeykit::markov
