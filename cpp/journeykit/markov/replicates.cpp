#include "journeykit/markov/replicates.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/random.hpp"

namespace journeykit::markov {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

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

// From Dirichlet(counts + pseudo), or Dirichlet(counts + prior) where pseudo is empty.
void draw_row(Draws& draws, std::span<const double> counts, std::span<const double> pseudo, double prior,
              std::span<double> out) {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double shape = counts[k] + (pseudo.empty() ? prior : pseudo[k]);
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

Replicates replicated(const Question& question, std::span<const Part> parts, const ReplicateOptions& options,
                      std::size_t width, const std::function<Chain(std::size_t)>& replicate,
                      const base::Cancellation& cancellation) {
  const auto count = static_cast<std::size_t>(options.replicates);
  constexpr std::size_t kNumbers = 200'000'000;
  if (width > kNumbers / count) {
    throw base::Unsupported(std::to_string(count) + " replicates of " + std::to_string(width) +
                            " numbers do not fit into memory; ask for fewer replicates");
  }
  Replicates out{count, width, std::vector<double>(count * width, kNaN), 0};
  std::atomic<std::int64_t> failed = 0;
  base::parallel_for(count, 8, options.threads, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      cancellation.check();
      const Chain chain = replicate(r);
      try {
        const Inverse inverse(chain, {}, cancellation);
        const auto row = numbers(chain, inverse, question, parts, cancellation);
        std::ranges::copy(row, out.values.begin() + static_cast<std::ptrdiff_t>(r * width));
      } catch (const base::InvalidInput&) {
        ++failed;
      } catch (const base::NotConverged&) {
        ++failed;
      }
    }
  });
  out.failed = failed;
  return out;
}

}  // namespace

Replicates dirichlet_replicates(const Chain& chain, const Question& question, std::span<const Part> parts,
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
      const auto pseudo = std::span(chain.pseudo).subspan(chain.pseudo.empty() ? 0 : begin);
      draw_row(draws, std::span(chain.counts).subspan(begin, size), pseudo, options.prior,
               std::span(out.probabilities).subspan(begin, size));
    }
    // Journeys may start only where some did: the other states are no allowed starts.
    if (!chain.start_counts.empty()) draw_row(draws, chain.start_counts, {}, 0, out.start);
    return out;
  };
  return replicated(question, parts, options, width_of(chain, question, parts), replicate, cancellation);
}

Replicates given_replicates(const Chain& chain, std::span<const double> counts, const Question& question,
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
  return replicated(
      question, parts, own, width_of(chain, question, parts),
      [&](std::size_t r) { return with_counts(chain, counts.subspan(r * width, width)); }, cancellation);
}

double percentile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

}  // namespace journeykit::markov
