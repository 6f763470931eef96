#include "journeykit/markov/uncertainty.hpp"

#include <algorithm>
#include <atomic>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/random.hpp"
#include "journeykit/markov/counterfactual.hpp"

namespace journeykit::markov {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void append(std::vector<double>& out, const std::vector<double>& more) {
  out.insert(out.end(), more.begin(), more.end());
}

void append_spread(std::vector<double>& out, const Chain& chain, const Moments& moments) {
  const Spread spread = from_start(chain, moments);
  out.push_back(spread.mean);
  out.push_back(std::sqrt(spread.variance));
}

void append_moments(std::vector<double>& out, const Moments& moments) {
  append(out, moments.mean);
  for (const double variance : moments.variance) out.push_back(std::sqrt(variance));
}

// A seeded stream of random numbers.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}

  // Log of a Gamma(shape, 1) number: Marsaglia & Tsang 2000, in logs because shapes far below 1 underflow.
  double log_gamma(double shape) {
    if (shape < 1) {
      const double boost = std::log(uniform()) / shape;
      return log_gamma_from_one(shape + 1) + boost;
    }
    return log_gamma_from_one(shape);
  }

 private:
  double uniform() {  // in (0, 1)
    state_ += 0x9E3779B97F4A7C15ULL;
    return base::unit_interval(base::mix(state_)) + 0x1.0p-54;
  }
  double normal() {
    if (has_second_) {
      has_second_ = false;
      return second_;
    }
    const double radius = std::sqrt(-2 * std::log(uniform())), angle = 2 * std::numbers::pi * uniform();
    second_ = radius * std::sin(angle);
    has_second_ = true;
    return radius * std::cos(angle);
  }
  double log_gamma_from_one(double shape) {
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    while (true) {
      const double x = normal(), t = 1 + c * x;
      if (t <= 0) continue;
      const double v = t * t * t;
      if (std::log(uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return std::log(d * v);
    }
  }

  std::uint64_t state_;
  double second_ = 0;
  bool has_second_ = false;
};

void draw_row(Draws& draws, std::span<const double> counts, double prior, std::span<double> out) {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double shape = counts[k] + prior;
    out[k] = shape > 0 ? draws.log_gamma(shape) : -std::numeric_limits<double>::infinity();
    largest = std::max(largest, out[k]);
  }
  double sum = 0;
  for (double& x : out) sum += x = std::exp(x - largest);
  for (double& x : out) x /= sum;
}

void check(const ReplicateOptions& options) {
  if (options.replicates < 2 || options.replicates > 1'000'000) {
    throw base::InvalidInput("replicates is " + std::to_string(options.replicates) + "; expected 2 to 1,000,000");
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    throw base::InvalidInput("confidence is " + std::to_string(options.confidence) +
                             "; expected a number between 0 and 1");
  }
}

// Linear interpolation between the order statistics.
double percentile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

Bands bands(const Question& question, std::span<const Part> parts, const ReplicateOptions& options, std::size_t width,
            const std::function<Chain(std::size_t)>& replicate, const base::Cancellation& cancellation) {
  const auto count = static_cast<std::size_t>(options.replicates);
  constexpr std::size_t kNumbers = 200'000'000;
  if (width > kNumbers / count) {
    throw base::Unsupported(std::to_string(count) + " replicates of " + std::to_string(width) +
                            " numbers do not fit into memory; ask for fewer replicates");
  }
  std::vector<double> all(count * width, kNaN);
  std::atomic<std::int64_t> failed = 0;
  base::parallel_for(count, 8, options.threads, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      cancellation.check();
      const Chain chain = replicate(r);
      try {
        const Inverse inverse(chain, {}, cancellation);
        const auto row = numbers(chain, inverse, question, parts, cancellation);
        std::ranges::copy(row, all.begin() + static_cast<std::ptrdiff_t>(r * width));
      } catch (const base::InvalidInput&) {
        ++failed;
      } catch (const base::NotConverged&) {
        ++failed;
      }
    }
  });
  Bands out{std::vector<double>(width, kNaN), std::vector<double>(width, kNaN), std::vector<double>(width, kNaN),
            failed};
  base::parallel_for(width, 16, options.threads, cancellation, [&](std::size_t begin, std::size_t end) {
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
      out.low[k] = percentile(column, (1 - options.confidence) / 2);
      out.high[k] = percentile(column, (1 + options.confidence) / 2);
    }
  });
  return out;
}

std::size_t width_of(const Chain& chain, const Question& question, std::span<const Part> parts) {
  const std::size_t n = chain.size(), m = chain.end_count();
  std::size_t out = 0;
  for (const Part part : parts) {
    switch (part) {
      case Part::Endings:
        out += m;
        break;
      case Part::Visits:
      case Part::EverVisited:
      case Part::Removals:
      case Part::Bypasses:
        out += n;
        break;
      case Part::Steps:
      case Part::Time:
      case Part::Value:
        out += 2;
        break;
      case Part::EndingsByState:
        out += n * m;
        break;
      case Part::StepsByState:
      case Part::TimeByState:
      case Part::ValueByState:
        out += 2 * n;
        break;
      case Part::Slopes:
        out += chain.targets.size();
        break;
      case Part::Shifts:
        out += question.shifts.size();
        break;
    }
  }
  return out;
}

}  // namespace

std::vector<double> numbers(const Chain& chain, const Inverse& inverse, const Question& question,
                            std::span<const Part> parts, const base::Cancellation& cancellation) {
  const std::size_t n = chain.size(), m = chain.end_count();
  std::vector<double> out;
  const auto steps = [&] { return reward_moments(chain, inverse, steps_reward(chain), cancellation); };
  const auto time = [&] { return time_moments(chain, inverse, question.sojourn, cancellation); };
  const auto value = [&] { return reward_moments(chain, inverse, question.reward, cancellation); };
  for (const Part part : parts) {
    switch (part) {
      case Part::Endings:
        for (std::size_t e = 0; e < m; ++e) {
          const auto b = inverse.absorption(e, cancellation);
          out.push_back(std::inner_product(b.begin(), b.end(), chain.start.begin(), 0.0));
        }
        break;
      case Part::Visits:
        append(out, inverse.visits(chain.start, cancellation));
        break;
      case Part::EverVisited:
        if (inverse.dense() == nullptr) {
          out.insert(out.end(), n, kNaN);
        } else {
          append(out, ever_visited(*inverse.dense(), inverse.visits(chain.start)));
        }
        break;
      case Part::Steps:
        append_spread(out, chain, steps());
        break;
      case Part::Time:
        append_spread(out, chain, time());
        break;
      case Part::Value:
        append_spread(out, chain, value());
        break;
      case Part::EndingsByState: {
        const std::size_t begin = out.size();
        out.resize(begin + n * m);
        for (std::size_t e = 0; e < m; ++e) {
          const auto b = inverse.absorption(e, cancellation);
          for (std::size_t i = 0; i < n; ++i) out[begin + i * m + e] = b[i];
        }
        break;
      }
      case Part::StepsByState:
        append_moments(out, steps());
        break;
      case Part::TimeByState:
        append_moments(out, time());
        break;
      case Part::ValueByState:
        append_moments(out, value());
        break;
      case Part::Slopes:
        for (const auto& s : move_sensitivities(chain, adjoint(chain, inverse, question.target, cancellation))) {
          out.push_back(s.slope);
        }
        break;
      case Part::Shifts:
        append(out, shift_changes(inverse, adjoint(chain, inverse, question.target, cancellation), question.shifts,
                                  cancellation));
        break;
      case Part::Removals:
        for (const auto& c : removals(chain, inverse, question.target, question.lost, cancellation)) {
          out.push_back(c.effect);
        }
        break;
      case Part::Bypasses: {
        std::vector<std::uint32_t> all(n);
        std::iota(all.begin(), all.end(), 0U);
        for (const auto& c : bypasses(chain, inverse, question.target, all, 1, cancellation)) out.push_back(c.effect);
        break;
      }
    }
  }
  return out;
}

Bands dirichlet_bands(const Chain& chain, const Question& question, std::span<const Part> parts,
                      const ReplicateOptions& options, const base::Cancellation& cancellation) {
  check(options);
  if (chain.counts.empty()) {
    throw base::InvalidInput("a chain of probabilities alone has no uncertainty; give counts");
  }
  const auto replicate = [&](std::size_t r) {
    Draws draws(base::mix(base::mix(options.seed) + r));
    Chain out = chain;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const std::size_t begin = chain.offsets[i], size = chain.offsets[i + 1] - begin;
      draw_row(draws, std::span(chain.counts).subspan(begin, size), options.prior,
               std::span(out.probabilities).subspan(begin, size));
    }
    // Journeys may start only where some did: the other states are no allowed starts.
    if (!chain.start_counts.empty()) draw_row(draws, chain.start_counts, 0, out.start);
    return out;
  };
  return bands(question, parts, options, width_of(chain, question, parts), replicate, cancellation);
}

Bands chain_replicates(const Chain& chain, std::span<const double> counts, const Question& question,
                       std::span<const Part> parts, const ReplicateOptions& options,
                       const base::Cancellation& cancellation) {
  const std::size_t width = chain.targets.size() + chain.start_counts.size();
  if (counts.empty() || counts.size() % width != 0) {
    throw base::InvalidInput("the replicates hold " + std::to_string(counts.size()) + " counts; expected rows of " +
                             std::to_string(width) + " (every move of the chain, then every counted start)");
  }
  for (const double count : counts) {
    if (!(count >= 0) || std::isinf(count))
      throw base::InvalidInput("a replicate holds a count that is negative or no number");
  }
  ReplicateOptions own = options;
  own.replicates = static_cast<std::int64_t>(counts.size() / width);
  check(own);
  return bands(
      question, parts, own, width_of(chain, question, parts),
      [&](std::size_t r) { return with_counts(chain, counts.subspan(r * width, width)); }, cancellation);
}

double standard_error(const Chain& chain, const Inverse& inverse, const Reward& reward,
                      const base::Cancellation& cancellation) {
  if (chain.counts.empty()) throw base::InvalidInput("a chain of probabilities alone has no uncertainty; give counts");
  const Adjoint now = adjoint(chain, inverse, reward, cancellation);
  double variance = 0;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    double mean = 0, square = 0, visits = 0;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const double v = now.values[chain.targets[k]];
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
    double total = 0;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) total += chain.counts[k] + prior;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const double a = chain.counts[k] + prior, b = total - a;
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
