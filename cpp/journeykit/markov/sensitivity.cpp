#include "journeykit/markov/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

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

// V from a state on, once it moves to the target: what the move brings, then what follows.
double onward(const Chain& chain, const Adjoint& adjoint, std::uint32_t state, std::uint32_t target) {
  const double v = adjoint.values[target];
  if (adjoint.move_rewards.empty()) return v;
  double mean = 0;
  for (std::size_t k = chain.offsets[state]; k < chain.offsets[state + 1]; ++k) {
    if (chain.targets[k] == target) return adjoint.move_rewards[k] + v;
    mean += chain.probabilities[k] * adjoint.move_rewards[k];
  }
  return mean + v;
}

double gain_of(const Chain& chain, const Adjoint& adjoint, const Shift& s) {
  return onward(chain, adjoint, s.state, s.to) - onward(chain, adjoint, s.state, s.from);
}

double number_at(const std::vector<double>& visits_to, std::uint32_t target) {
  return target < visits_to.size() ? visits_to[target] : 0;
}

void complete(const Chain& chain, const Inverse& inverse, const Adjoint& adjoint, Shift& s, std::vector<double>& column,
              std::uint32_t& column_of, const base::Cancellation& cancellation) {
  if (column_of != s.state || column.empty()) {
    column = inverse.visits_to(s.state, cancellation);
    column_of = s.state;
  }
  s.change = exact_change(s, adjoint.visits[s.state], gain_of(chain, adjoint, s), number_at(column, s.to),
                          number_at(column, s.from));
}

}  // namespace

Adjoint adjoint(const Chain& chain, const Inverse& inverse, const Reward& reward,
                const base::Cancellation& cancellation) {
  const std::size_t n = chain.size();
  std::vector<double> right = reward.per_visit.empty() ? std::vector<double>(n, 0) : reward.per_visit;
  for (std::size_t i = 0; i < n && !(reward.at_end.empty() && reward.per_move.empty()); ++i) {
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      if (!reward.per_move.empty()) right[i] += chain.probabilities[k] * reward.per_move[k];
      if (!reward.at_end.empty() && chain.targets[k] >= n)
        right[i] += chain.probabilities[k] * reward.at_end[chain.targets[k] - n];
    }
  }
  Adjoint out;
  out.values = inverse.values(right, cancellation);
  for (std::size_t i = 0; i < n; ++i) out.value += chain.start[i] * out.values[i];
  for (std::size_t e = 0; e < chain.end_count(); ++e) {
    out.values.push_back(reward.at_end.empty() ? 0 : reward.at_end[e]);
  }
  out.visits = inverse.visits(chain.start, cancellation);
  out.move_rewards = reward.per_move;
  return out;
}

std::vector<MoveSensitivity> move_sensitivities(const Chain& chain, const Adjoint& adjoint) {
  std::vector<MoveSensitivity> out;
  out.reserve(chain.targets.size());
  for (std::uint32_t i = 0; i < chain.size(); ++i) {
    const auto value = [&](std::size_t k) {
      return adjoint.values[chain.targets[k]] + (adjoint.move_rewards.empty() ? 0 : adjoint.move_rewards[k]);
    };
    double mean = 0;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) mean += chain.probabilities[k] * value(k);
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const double p = chain.probabilities[k], v = value(k);
      // Of two moves one takes what the other loses: their slopes differ in sign alone, to the last digit.
      const bool pair = chain.offsets[i + 1] - chain.offsets[i] == 2;
      const double others = pair ? value(2 * chain.offsets[i] + 1 - k) : (mean - p * v) / (1 - p);
      const double slope = p < 1 ? adjoint.visits[i] * (v - others) : kNaN;
      out.push_back({i, chain.targets[k], p, slope, adjoint.value != 0 ? slope * p / adjoint.value : kNaN});
    }
  }
  return out;
}

std::vector<Shift> shifts(const Chain& chain, const Inverse& inverse, const Adjoint& adjoint, double amount,
                          std::size_t most, const Price& price, const base::Cancellation& cancellation) {
  if (!(amount > 0 && amount <= 1)) throw base::InvalidInput("the amount to shift must lie above 0 and up to 1");
  // By the exact change where N is there, else the best by the slope get their exact change afterwards.
  const Dense* dense = inverse.dense();
  bool completed = dense != nullptr;
  const auto worth = [&](const Shift& s) {  // a shift that leaves no end comes last: NaN has no place in an order
    const double x = price.net(completed ? s.change : s.linear, s.state);
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
        s.slope = adjoint.visits[i] * gain_of(chain, adjoint, s);
        s.linear = s.slope * s.amount;
        if (dense != nullptr) complete(chain, inverse, adjoint, s, column, column_of, cancellation);
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
    for (Shift* s : by_state) complete(chain, inverse, adjoint, *s, column, column_of, cancellation);
    completed = true;
    std::ranges::sort(best, better);
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
  s.slope = adjoint.visits[state] * gain_of(chain, adjoint, s);
  s.linear = s.slope * amount;
  std::vector<double> column;
  std::uint32_t column_of = 0;
  complete(chain, inverse, adjoint, s, column, column_of, cancellation);
  if (std::isnan(s.change)) {
    throw base::InvalidInput("that shift would leave journeys from " + base::quote_safe(chain.states[state]) +
                             " without an end");
  }
  return s;
}

std::vector<double> shift_changes(const Chain& chain, const Inverse& inverse, const Adjoint& adjoint,
                                  const std::vector<Shift>& shifts, const base::Cancellation& cancellation) {
  std::vector<std::size_t> by_state(shifts.size());  // a column of N each, which a sparse chain has to solve for
  std::iota(by_state.begin(), by_state.end(), std::size_t{0});
  std::ranges::stable_sort(by_state, {}, [&](std::size_t k) { return shifts[k].state; });
  std::vector<double> out(shifts.size()), column;
  std::uint32_t column_of = 0;
  for (const std::size_t k : by_state) {
    Shift s = shifts[k];
    complete(chain, inverse, adjoint, s, column, column_of, cancellation);
    out[k] = s.change;
  }
  return out;
}

}  // namespace journeykit::markov
