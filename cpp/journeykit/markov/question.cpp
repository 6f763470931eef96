#include "journeykit/markov/question.hpp"

#include <cmath>
#include <limits>
#include <numeric>

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

}  // namespace

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
        append(out, shift_changes(chain, inverse, adjoint(chain, inverse, question.target, cancellation),
                                  question.shifts, cancellation));
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

}  // namespace journeykit::markov
