#include "journeykit/markov/uncertainty.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"

namespace journeykit::markov {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Bands bands_of(const Replicates& replicates, double confidence, unsigned threads,
               const base::Cancellation& cancellation) {
  const auto& [count, width, all, failed] = replicates;
  Bands out{std::vector<double>(width, kNaN), std::vector<double>(width, kNaN), std::vector<double>(width, kNaN),
            failed};
  base::parallel_for(width, 16, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    std::vector<double> column;
    for (std::size_t k = begin; k < end; ++k) {
      column.clear();
      for (std::size_t r = 0; r < count; ++r) {
        if (std::isfinite(all[r * width + k])) column.push_back(all[r * width + k]);
      }
      if (column.size() < 2 || 2 * column.size() < count) continue;
      const auto n = static_cast<double>(column.size());
      const double mean = std::accumulate(column.begin(), column.end(), 0.0) / n;
      double squares = 0;
      for (const double x : column) squares += (x - mean) * (x - mean);
      out.standard_error[k] = std::sqrt(squares / (n - 1));
      std::ranges::sort(column);
      out.low[k] = percentile(column, (1 - confidence) / 2);
      out.high[k] = percentile(column, (1 + confidence) / 2);
    }
  });
  return out;
}

double standard_error(const Chain& chain, const Inverse& inverse, const Reward& reward,
                      const base::Cancellation& cancellation) {
  if (chain.counts.empty()) throw base::InvalidInput("a chain of probabilities alone has no uncertainty; give counts");
  const Adjoint now = adjoint(chain, inverse, reward, cancellation);
  double variance = 0;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    double mean = 0, square = 0, visits = 0;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const double v = now.values[chain.targets[k]] + (now.move_rewards.empty() ? 0 : now.move_rewards[k]);
      mean += chain.probabilities[k] * v;
      square += chain.probabilities[k] * v * v;
      visits += chain.counts[k];
    }
    if (visits > 0) variance += now.visits[i] * now.visits[i] * std::max(0.0, square - mean * mean) / visits;
  }
  if (!chain.start_counts.empty()) {
    double mean = 0, square = 0, n = 0;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      mean += chain.start[i] * now.values[i];
      square += chain.start[i] * now.values[i] * now.values[i];
      n += chain.start_counts[i];
    }
    variance += std::max(0.0, square - mean * mean) / n;
  }
  return std::sqrt(variance);
}

std::vector<ShareBand> move_bands(const Chain& chain, double prior, double confidence) {
  if (chain.counts.empty()) throw base::InvalidInput("a chain of probabilities alone has no uncertainty; give counts");
  if (!(prior > 0)) throw base::InvalidInput("the prior of an interval must be above 0 (Jeffreys: 0.5)");
  if (!(confidence > 0 && confidence < 1)) throw base::InvalidInput("confidence must lie between 0 and 1");
  std::vector<ShareBand> out;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const auto known = [&](std::size_t k) {
      return chain.counts[k] + (chain.pseudo.empty() ? prior : chain.pseudo[k]);
    };
    double total = 0;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) total += known(k);
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const double a = known(k), b = total - a;
      if (!(a > 0)) {  // never seen, here or anywhere
        out.push_back({0, 0, 0});
        continue;
      }
      if (!(b > 0)) {  // the only move
        out.push_back({1, 1, 1});
        continue;
      }
      out.push_back({a / total, boost::math::ibeta_inv(a, b, (1 - confidence) / 2),
                     boost::math::ibeta_inv(a, b, (1 + confidence) / 2)});
    }
  }
  return out;
}

}  // namespace journeykit::markov
