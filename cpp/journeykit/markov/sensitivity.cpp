#include "journeykit/markov/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "journeykit/base/error.hpp"

namespace journeykit::markov {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// ΔV = δ n_i (v_b − v_a) / (1 − δ (N_bi − N_ai)), N of an end = 0. The denominator cannot reach 0 while the ends are
// reached.
double exact_change(const Shift& s, double visits, double gain, double to_state_b, double to_state_a) {
  const double left = 1 - s.amount * (to_state_b - to_state_a);
  return left > 0 ? s.amount * visits * gain / left : kNaN;
}

double number_at(const std::vector<double>& visits_to, std::uint32_t target) {
  return target < visits_to.size() ? visits_to[target] : 0;
}

void complete(const Inverse& inverse, const Adjoint& adjoint, Shift& s, std::vector<double>& column,
              std::uint32_t& column_of, const base::Cancellation& cancellation) {
  if (column_of != s.state || column.empty()) {
    column = inverse.visits_to(s.state, cancellation);
    column_of = s.state;
  }
  s.change = exact_change(s, adjoint.visits[s.state], adjoint.values[s.to] - adjoint.values[s.from],
                          number_at(column, s.to), number_at(column, s.from));
}

}  // namespace

Adjoint adjoint(const Chain& chain, const Inverse& inverse, const Reward& reward,
                const base::Cancellation& cancellation) {
  const std::size_t n = chain.size();
  std::vector<double> right = reward.per_visit.empty() ? std::vector<double>(n, 0) : reward.per_visit;
  for (std::size_t i = 0; i < n && !reward.at_end.empty(); ++i) {
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      if (chain.targets[k] >= n) right[i] += chain.probabilities[k] * reward.at_end[chain.targets[k] - n];
    }
  }
  Adjoint out;
  out.values = inverse.values(right, cancellation);
  for (std::size_t i = 0; i < n; ++i) out.value += chain.start[i] * out.values[i];
  for (std::size_t e = 0; e < chain.end_count(); ++e) {
    out.values.push_back(reward.at_end.empty() ? 0 : reward.at_end[e]);
  }
  out.visits = inverse.visits(chain.start, cancellation);
  return out;
}

std::vector<MoveSensitivity> move_sensitivities(const Chain& chain, const Adjoint& adjoint) {
  std::vector<MoveSensitivity> out;
  out.reserve(chain.targets.size());
  for (std::uint32_t i = 0; i < chain.size(); ++i) {
    double mean = 0;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      mean += chain.probabilities[k] * adjoint.values[chain.targets[k]];
    }
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const double p = chain.probabilities[k], v = adjoint.values[chain.targets[k]];
      const double others = (mean - p * v) / (1 - p);
      const double slope = p < 1 ? adjoint.visits[i] * (v - others) : kNaN;
      out.push_back({i, chain.targets[k], p, slope, adjoint.value != 0 ? slope * p / adjoint.value : kNaN});
    }
  }
  return out;
}

std::vector<Shift> shifts(const Chain& chain, const Inverse& inverse, const Adjoint& adjoint, double amount,
                          std::size_t most, const base::Cancellation& cancellation) {
  if (!(amount > 0 && amount <= 1)) throw base::InvalidInput("the amount to shift must lie above 0 and up to 1");
  // By the exact change where N is there, else the best by the slope get their exact change afterwards.
  const Dense* dense = inverse.dense();
  const auto worth = [&](const Shift& s) {  // a shift that leaves no end comes last: NaN has no place in an order
    const double x = dense != nullptr ? s.change : s.linear;
    return std::isnan(x) ? -std::numeric_limits<double>::infinity() : x;
  };
  const auto better = [&](const Shift& a, const Shift& b) {
    const double x = worth(a), y = worth(b);
    if (x != y) return x > y;
    if (a.state != b.state) return a.state < b.state;
    return a.from != b.from ? a.from < b.from : a.to < b.to;
  };
  std::vector<Shift> best;  // a heap with its worst in front
  std::vector<double> column;
  std::uint32_t column_of = 0;
  for (std::uint32_t i = 0; i < chain.size(); ++i) {
    cancellation.check();
    for (std::size_t from = chain.offsets[i]; from < chain.offsets[i + 1]; ++from) {
      for (std::size_t to = chain.offsets[i]; to < chain.offsets[i + 1]; ++to) {
        if (from == to || !(chain.probabilities[from] > 0)) continue;
        Shift s{
            i,    chain.targets[from],      chain.targets[to],        std::min(amount, chain.probabilities[from]), 0, 0,
            kNaN, -chain.probabilities[to], chain.probabilities[from]};
        s.slope = adjoint.visits[i] * (adjoint.values[s.to] - adjoint.values[s.from]);
        s.linear = s.slope * s.amount;
        if (dense != nullptr) complete(inverse, adjoint, s, column, column_of, cancellation);
        if (best.size() < most) {
          best.push_back(s);
          std::ranges::push_heap(best, better);
        } else if (!best.empty() && better(s, best.front())) {
          std::ranges::pop_heap(best, better);
          best.back() = s;
          std::ranges::push_heap(best, better);
        }
      }
    }
  }
  std::ranges::sort(best, better);
  if (dense == nullptr) {
    std::vector<Shift*> by_state;
    for (Shift& s : best) by_state.push_back(&s);
    std::ranges::stable_sort(by_state, {}, &Shift::state);
    for (Shift* s : by_state) complete(inverse, adjoint, *s, column, column_of, cancellation);
  }
  return best;
}

Shift shift(const Chain& chain, const Inverse& inverse, const Adjoint& adjoint, std::uint32_t state, std::uint32_t from,
            std::uint32_t to, double amount, const base::Cancellation& cancellation) {
  const auto probability = [&](std::uint32_t target) {
    for (std::size_t k = chain.offsets[state]; k < chain.offsets[state + 1]; ++k) {
      if (chain.targets[k] == target) return chain.probabilities[k];
    }
    return 0.0;
  };
  Shift s{state, from, to, amount, 0, 0, kNaN, -probability(to), probability(from)};
  if (from == to) throw base::InvalidInput("a shift needs two different targets");
  if (!(amount >= s.lowest && amount <= s.highest)) {
    throw base::InvalidInput("at " + base::quote_safe(chain.states[state]) + " only " + std::to_string(s.lowest) +
                             " to " + std::to_string(s.highest) + " can be shifted from " +
                             base::quote_safe(chain.name(from)) + " to " + base::quote_safe(chain.name(to)));
  }
  s.slope = adjoint.visits[state] * (adjoint.values[to] - adjoint.values[from]);
  s.linear = s.slope * amount;
  std::vector<double> column;
  std::uint32_t column_of = 0;
  complete(inverse, adjoint, s, column, column_of, cancellation);
  if (std::isnan(s.change)) {
    throw base::InvalidInput("that shift would leave journeys from " + base::quote_safe(chain.states[state]) +
                             " without an end");
  }
  return s;
}

std::vector<double> shift_changes(const Inverse& inverse, const Adjoint& adjoint, const std::vector<Shift>& shifts,
                                  const base::Cancellation& cancellation) {
  std::vector<double> out, column;
  std::uint32_t column_of = 0;
  for (Shift s : shifts) {
    complete(inverse, adjoint, s, column, column_of, cancellation);
    out.push_back(s.change);
  }
  return out;
}

}  // namespace journeykit::markov
