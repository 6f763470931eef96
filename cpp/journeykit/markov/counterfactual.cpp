#include "journeykit/markov/counterfactual.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/random.hpp"
#include "journeykit/markov/censored.hpp"
#include "journeykit/markov/sensitivity.hpp"
#include "journeykit/markov/structure.hpp"

namespace journeykit::markov {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// One row of moves without the target `skipped`; where nothing else is left, what `skipped` leads to takes its place.
// Sorted by target.
struct Row {
  std::vector<std::pair<std::uint32_t, double>> moves;
  void scale() {
    double sum = 0;
    for (const auto& move : moves) sum += move.second;
    for (auto& move : moves) move.second /= sum;
  }
};

Row row_of(const Chain& chain, std::uint32_t state) {
  Row out;
  for (std::size_t k = chain.offsets[state]; k < chain.offsets[state + 1]; ++k) {
    if (chain.probabilities[k] > 0) out.moves.emplace_back(chain.targets[k], chain.probabilities[k]);
  }
  return out;
}

Row skipping(const Row& row, const Row& onward, std::uint32_t skipped) {
  Row out = row;
  std::erase_if(out.moves, [&](const auto& move) { return move.first == skipped; });
  if (out.moves.size() == row.moves.size()) return out;
  if (out.moves.empty()) out = onward;
  out.scale();
  return out;
}

double value_of(const Chain& chain, const Reward& reward, const base::Cancellation& cancellation) {
  const Inverse inverse(chain, {}, cancellation);
  return adjoint(chain, inverse, reward, cancellation).value;
}

Reward reward_without(const Chain& chain, const Reward& reward, std::uint32_t state) {
  Reward out = reward;
  if (!out.per_visit.empty()) {
    check_finite(chain.states, out.per_visit, "reward");
    out.per_visit.erase(out.per_visit.begin() + static_cast<std::ptrdiff_t>(state));
  }
  return out;
}

// What a move brings, on average at its state: without a touchpoint there are other moves.
Reward by_visit(const Chain& chain, Reward reward) {
  if (reward.per_move.empty()) return reward;
  if (reward.per_visit.empty()) reward.per_visit.assign(chain.size(), 0);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      reward.per_visit[i] += chain.probabilities[k] * reward.per_move[k];
    }
  }
  reward.per_move.clear();
  return reward;
}

// V of the start where only the states of `kept` are there: what comes to others brings 0 and is over.
class Coalitions {
 public:
  Coalitions(const Chain& chain, const Reward& reward) : chain_(chain), reward_(reward) {}

  double value(const std::vector<std::uint8_t>& kept) const {
    const std::size_t n = chain_.size();
    std::vector<std::uint32_t> place(n, 0);
    std::size_t size = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (kept[i] != 0) place[i] = static_cast<std::uint32_t>(size++);
    }
    if (size == 0) return 0;
    // Two ends: what is collected on the way is linear, so V = N right, and `out` holds everything that leaves.
    MoveRows moves(size, 1);
    std::vector<double> right(size, 0);
    for (std::size_t i = 0; i < n; ++i) {
      if (kept[i] == 0) continue;
      double* row = moves.row(place[i]);
      if (!reward_.per_visit.empty()) right[place[i]] = reward_.per_visit[i];
      for (std::size_t k = chain_.offsets[i]; k < chain_.offsets[i + 1]; ++k) {
        const std::uint32_t to = chain_.targets[k];
        if (to < n && kept[to] != 0) {
          row[place[to]] += chain_.probabilities[k];
        } else {
          row[size] += chain_.probabilities[k];
          if (to >= n && !reward_.at_end.empty()) right[place[i]] += chain_.probabilities[k] * reward_.at_end[to - n];
        }
      }
    }
    const auto found = eliminate(moves);
    if (!found) throw_too_rare();
    double out = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (kept[i] == 0 || chain_.start[i] == 0) continue;
      const double* row = found->visits.data() + place[i] * size;
      out += chain_.start[i] * std::inner_product(row, row + size, right.begin(), 0.0);
    }
    return out;
  }

 private:
  const Chain& chain_;
  const Reward& reward_;
};

std::vector<ShapleyShare> exact_shapley(const Coalitions& game, const std::vector<std::uint32_t>& players,
                                        const std::vector<std::uint8_t>& always, unsigned threads,
                                        const base::Cancellation& cancellation) {
  const std::size_t n = players.size(), all = std::size_t{1} << n;
  std::vector<double> values(all);
  base::parallel_for(all, 64, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t set = begin; set < end; ++set) {
      std::vector<std::uint8_t> kept = always;
      for (std::size_t p = 0; p < n; ++p) kept[players[p]] = (set >> p & 1U) != 0 ? 1 : 0;
      values[set] = game.value(kept);
    }
  });
  std::vector<double> weight(n);  // |S|! (n − |S| − 1)! / n!
  for (std::size_t s = 0; s < n; ++s) {
    const auto size = static_cast<double>(s), rest = static_cast<double>(n - s - 1);
    weight[s] = std::exp(std::lgamma(size + 1) + std::lgamma(rest + 1) - std::lgamma(static_cast<double>(n) + 1));
  }
  std::vector<ShapleyShare> out;
  for (std::size_t p = 0; p < n; ++p) {
    double sum = 0;
    for (std::size_t set = 0; set < all; ++set) {
      if ((set >> p & 1U) != 0) continue;
      sum += weight[static_cast<std::size_t>(std::popcount(set))] * (values[set | std::size_t{1} << p] - values[set]);
    }
    out.push_back({players[p], sum, 0});
  }
  return out;
}

// Gains along random orders: the mean and its standard error. Order r has its own stream of random numbers.
std::vector<ShapleyShare> sampled_shapley(const Coalitions& game, const std::vector<std::uint32_t>& players,
                                          const std::vector<std::uint8_t>& always, const ShapleyOptions& options,
                                          const base::Cancellation& cancellation) {
  const std::size_t n = players.size(), orders = static_cast<std::size_t>(options.permutations);
  std::vector<double> gains(orders * n);
  base::parallel_for(orders, 16, options.threads, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      cancellation.check();
      std::vector<std::size_t> order(n);
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::uint64_t state = base::mix(base::mix(options.seed) + r);
      for (std::size_t k = n; k > 1; --k) {
        state = base::mix(state);
        std::swap(order[k - 1], order[static_cast<std::size_t>(base::unit_interval(state) * static_cast<double>(k))]);
      }
      std::vector<std::uint8_t> kept = always;
      double before = game.value(kept);
      for (const std::size_t p : order) {
        kept[players[p]] = 1;
        const double after = game.value(kept);
        gains[r * n + p] = after - before;
        before = after;
      }
    }
  });
  std::vector<ShapleyShare> out;
  const auto count = static_cast<double>(orders);
  for (std::size_t p = 0; p < n; ++p) {
    double sum = 0, squares = 0;
    for (std::size_t r = 0; r < orders; ++r) sum += gains[r * n + p];
    const double mean = sum / count;
    for (std::size_t r = 0; r < orders; ++r) squares += (gains[r * n + p] - mean) * (gains[r * n + p] - mean);
    out.push_back({players[p], mean, std::sqrt(squares / (count - 1) / count)});
  }
  return out;
}

}  // namespace

std::vector<Counterfactual> removals(const Chain& chain, const Inverse& inverse, const Reward& reward, double lost,
                                     const base::Cancellation& cancellation) {
  // A journey is the same until it first comes to x, so V without x = V − P(ever x)·(v_x − lost).
  const Adjoint now = adjoint(chain, inverse, reward, cancellation);
  const Dense* dense = inverse.dense();
  std::vector<Counterfactual> out;
  for (std::uint32_t x = 0; x < chain.size(); ++x) {
    const double itself =
        dense != nullptr ? dense->visits[x * dense->states + x] : inverse.visits_to(x, cancellation)[x];
    const double without = now.value - now.visits[x] / itself * (now.values[x] - lost);
    out.push_back({x, without, without - now.value, now.value != 0 ? 1 - without / now.value : kNaN});
  }
  return out;
}

Chain without_state(const Chain& chain, std::uint32_t skipped) {
  Row onward = row_of(chain, skipped);
  std::erase_if(onward.moves, [&](const auto& move) { return move.first == skipped; });
  if (onward.moves.empty()) throw base::InvalidInput(base::quote_safe(chain.states[skipped]) + " leads only to itself");
  const auto renamed = [&](std::uint32_t target) { return target - (target > skipped ? 1U : 0U); };
  Row starts;
  for (std::uint32_t i = 0; i < chain.size(); ++i) {
    if (chain.start[i] > 0) starts.moves.emplace_back(i, chain.start[i]);
  }
  starts = skipping(starts, onward, skipped);
  Chain out;
  out.states = chain.states;
  out.states.erase(out.states.begin() + static_cast<std::ptrdiff_t>(skipped));
  out.ends = chain.ends;
  out.start.assign(out.size(), 0);
  // A journey that would start at an end is over before its first touchpoint: its share is what is missing from 1.
  for (const auto& [target, share] : starts.moves) {
    if (target < chain.size()) out.start[renamed(target)] += share;
  }
  for (std::uint32_t i = 0; i < chain.size(); ++i) {
    if (i == skipped) continue;
    for (const auto& [target, p] : skipping(row_of(chain, i), onward, skipped).moves) {
      out.targets.push_back(renamed(target));
      out.probabilities.push_back(p);
    }
    out.offsets.push_back(out.targets.size());
  }
  return out;
}

std::vector<Counterfactual> bypasses(const Chain& chain, const Inverse& inverse, const Reward& given,
                                     const std::vector<std::uint32_t>& states, unsigned threads,
                                     const base::Cancellation& cancellation) {
  const Reward reward = by_visit(chain, given);
  const double now = adjoint(chain, inverse, reward, cancellation).value;
  std::vector<Counterfactual> out(states.size());
  base::parallel_for(states.size(), 1, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      const std::uint32_t x = states[k];
      double without = 0;
      const Row row = row_of(chain, x);
      if (chain.size() > 1) {
        const Chain changed = without_state(chain, x);
        const auto reaching = states_that_reach_an_end(changed);
        // Without its only way out a loop has no value.
        without = std::ranges::find(reaching, 0) == reaching.end()
                      ? value_of(changed, reward_without(chain, reward, x), cancellation)
                      : kNaN;
      }
      // Journeys that began at x and nowhere else may begin at an end now.
      if (chain.start[x] == 1 && !reward.at_end.empty()) {
        double onward = 0, ends = 0;
        for (const auto& [target, p] : row.moves) {
          if (target == x) continue;
          onward += p;
          if (target >= chain.size()) ends += p * reward.at_end[target - chain.size()];
        }
        without += ends / onward;
      }
      out[k] = {x, without, without - now, now != 0 ? without / now - 1 : kNaN};
    }
  });
  return out;
}

std::vector<ShapleyShare> shapley(const Chain& chain, const Reward& given, const ShapleyOptions& options,
                                  const base::Cancellation& cancellation) {
  if (options.exact_players > 20) throw base::InvalidInput("exact_players is at most 20");
  if (options.permutations < 2) throw base::InvalidInput("permutations must be at least 2");
  const auto shared = [&](const Coalitions& game, const std::vector<std::uint32_t>& players,
                          const std::vector<std::uint8_t>& always) {
    return players.size() <= options.exact_players ? exact_shapley(game, players, always, options.threads, cancellation)
                                                   : sampled_shapley(game, players, always, options, cancellation);
  };
  const std::size_t size = options.players.empty() ? chain.size() : options.players.size();
  if (size > 2500) {
    throw base::Unsupported("Shapley values are worked out among up to 2,500 touchpoints; got " + std::to_string(size) +
                            ": every one of " + std::to_string(options.permutations) +
                            " orders is a solution of the chain for each of them. Name the touchpoints to share "
                            "among, or ask for the removal of each, which takes one solution");
  }
  if (!options.players.empty()) {  // the others are always there: seen only at the players the chain is small
    SolveOptions solve;
    solve.threads = options.threads;
    const Censored seen = censored(chain, given, options.players, solve, cancellation);
    std::vector<std::uint32_t> players(size);
    std::iota(players.begin(), players.end(), 0U);
    auto out = shared(Coalitions(seen.chain, seen.reward), players, std::vector<std::uint8_t>(size, 0));
    for (ShapleyShare& share : out) share.state = options.players[share.state];
    return out;
  }
  std::vector<std::uint32_t> players;
  std::vector<std::uint8_t> always(chain.size(), 0);
  for (std::uint32_t i = 0; i < chain.size(); ++i) {
    if (chain.start[i] == 1) {
      always[i] = 1;
    } else {
      players.push_back(i);
    }
  }
  const Reward reward = by_visit(chain, given);
  return shared(Coalitions(chain, reward), players, always);
}

}  // namespace journeykit::markov
