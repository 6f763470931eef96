#include "journeykit/markov/outcome.hpp"

#include <algorithm>
#include <cmath>

#include "journeykit/base/error.hpp"

namespace journeykit::markov {
namespace {

// What a move brings, and its square, in expectation; then E[X²] = N(Σ p E[c²] + 2 Σ p c v). With c = r_i + g_j this is
// N(r² + 2r∘(Qv + Rg) + R g²), and with m_ij the general form of §8.
Moments moments(const Chain& chain, const Inverse& inverse, std::span<const double> mean,
                std::span<const double> square, const base::Cancellation& cancellation) {
  const std::size_t n = chain.size();
  std::vector<double> right(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) right[i] += chain.probabilities[k] * mean[k];
  }
  Moments out{inverse.values(right, cancellation), {}};
  for (std::size_t i = 0; i < n; ++i) {
    right[i] = 0;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const double after = chain.targets[k] < n ? out.mean[chain.targets[k]] : 0;
      right[i] += chain.probabilities[k] * (square[k] + 2 * mean[k] * after);
    }
  }
  out.variance = inverse.values(right, cancellation);
  for (std::size_t i = 0; i < n; ++i) {
    out.variance[i] = std::max(0.0, out.variance[i] - out.mean[i] * out.mean[i]);
  }
  return out;
}

}  // namespace

Reward steps_reward(const Chain& chain) { return {std::vector<double>(chain.size(), 1), {}}; }

Reward end_reward(const Chain& chain, std::uint32_t end) {
  Reward out{{}, std::vector<double>(chain.end_count(), 0)};
  out.at_end[end] = 1;
  return out;
}

Moments reward_moments(const Chain& chain, const Inverse& inverse, const Reward& reward,
                       const base::Cancellation& cancellation) {
  const std::size_t n = chain.size();
  std::vector<double> mean(chain.targets.size()), square(chain.targets.size());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      double value = reward.per_visit.empty() ? 0 : reward.per_visit[i];
      if (chain.targets[k] >= n && !reward.at_end.empty()) value += reward.at_end[chain.targets[k] - n];
      mean[k] = value;
      square[k] = value * value;
    }
  }
  return moments(chain, inverse, mean, square, cancellation);
}

Moments time_moments(const Chain& chain, const Inverse& inverse, const Sojourn& sojourn,
                     const base::Cancellation& cancellation) {
  std::vector<double> mean(chain.targets.size()), square(chain.targets.size());
  for (std::size_t i = 0; i < chain.size(); ++i) {
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      mean[k] = sojourn.move_mean.empty() ? sojourn.mean[i] : sojourn.move_mean[k];
      square[k] = mean[k] * mean[k] + (sojourn.variance.empty() ? 0 : sojourn.variance[i]);
    }
  }
  return moments(chain, inverse, mean, square, cancellation);
}

Spread from_start(const Chain& chain, const Moments& moments) {
  Spread out;
  for (std::size_t i = 0; i < chain.size(); ++i) out.mean += chain.start[i] * moments.mean[i];
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const double apart = moments.mean[i] - out.mean;
    out.variance += chain.start[i] * (moments.variance[i] + apart * apart);
  }
  return out;
}

std::vector<double> ever_visited(const Dense& dense, std::span<const double> visits) {
  std::vector<double> out(visits.begin(), visits.end());
  for (std::size_t j = 0; j < out.size(); ++j) out[j] = std::min(1.0, out[j] / dense.visits[j * dense.states + j]);
  return out;
}

void check_finite(const std::vector<std::string>& names, std::span<const double> values, const char* what) {
  if (values.empty()) return;
  if (values.size() != names.size()) {
    throw base::InvalidInput(std::string(what) + " has " + std::to_string(values.size()) +
                             " numbers; expected one for each of " + std::to_string(names.size()) + " names");
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      throw base::InvalidInput("the " + std::string(what) + " of " + base::quote_safe(names[i]) +
                               " is no finite number");
    }
  }
}

}  // namespace journeykit::markov
