#include "journeykit/attribution/shapley.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <string>

#include "journeykit/attribution/chain.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/random.hpp"

namespace journeykit::attribution {
namespace {

constexpr std::size_t kSetsAtOnce = 1024;
constexpr std::size_t kOrdersAtOnce = 16;

double sum(std::span<const double> terms) { return std::accumulate(terms.begin(), terms.end(), 0.0); }

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

// The distinct channels of each path.
struct Sets {
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> members;
};

Sets channel_sets(const Paths& paths) {
  Sets out;
  std::vector<std::size_t> met_in(paths.channels.size(), paths.size());
  for (std::size_t p = 0; p < paths.size(); ++p) {
    for (const std::uint32_t c : paths.path(p)) {
      if (met_in[c] == p) continue;
      met_in[c] = p;
      out.members.push_back(c);
    }
    out.offsets.push_back(out.members.size());
  }
  return out;
}

// total[set] becomes the sum over all subsets of the set.
void add_subsets(std::vector<double>& total, std::size_t players) {
  for (std::size_t bit = 1; bit < std::size_t{1} << players; bit <<= 1U) {
    for (std::size_t set = 0; set < total.size(); ++set) {
      if ((set & bit) != 0) total[set] += total[set ^ bit];
    }
  }
}

struct Worths {  // of conversions, and of their value (empty: not known)
  std::vector<double> conversions, value;
};

// Of all sets.
Worths all_rates(const Paths& paths, const Sets& sets, const PathWeights& weights) {
  const std::size_t n = paths.channels.size();
  const bool valued = !weights.values.empty();
  std::vector<double> customers(std::size_t{1} << n);
  Worths out{std::vector<double>(customers.size()), std::vector<double>(valued ? customers.size() : 0)};
  for (std::size_t p = 0; p < paths.size(); ++p) {
    std::size_t set = 0;
    for (std::uint64_t k = sets.offsets[p]; k < sets.offsets[p + 1]; ++k) set |= std::size_t{1} << sets.members[k];
    customers[set] += weights.conversions[p] + weights.nulls[p];
    out.conversions[set] += weights.conversions[p];
    if (valued) out.value[set] += weights.values[p];
  }
  add_subsets(customers, n);
  for (std::vector<double>* worth : {&out.conversions, &out.value}) {
    if (worth->empty()) continue;
    add_subsets(*worth, n);
    for (std::size_t set = 0; set < customers.size(); ++set) (*worth)[set] = ratio((*worth)[set], customers[set]);
  }
  return out;
}

Worths all_chains(const ChainCounts& counts, const ShapleyOptions& options, const base::Cancellation& cancellation) {
  const std::size_t n = counts.channels, all = std::size_t{1} << n;
  Worths out{std::vector<double>(all), std::vector<double>(counts.values.empty() ? 0 : all)};
  base::parallel_for(all, kSetsAtOnce, options.threads, cancellation, [&](std::size_t begin, std::size_t end) {
    std::vector<std::uint32_t> members;
    for (std::size_t set = begin; set < end; ++set) {
      members.clear();
      for (std::uint32_t c = 0; c < n; ++c) {
        if ((set >> c & 1U) != 0) members.push_back(c);
      }
      const Kept kept = keep_in_order(counts, members).back();
      out.conversions[set] = kept.conversions;
      if (!out.value.empty()) out.value[set] = kept.value;
    }
  });
  return out;
}

// Of the first 0, 1, … all channels of an order.
Worths rates_in_order(const Paths& paths, const Sets& sets, const PathWeights& weights,
                      std::span<const std::uint32_t> order) {
  const std::size_t n = order.size();
  const bool valued = !weights.values.empty();
  std::vector<std::uint32_t> place(n);
  for (std::uint32_t k = 0; k < n; ++k) place[order[k]] = k + 1;
  std::vector<double> customers(n + 1);
  Worths out{std::vector<double>(n + 1), std::vector<double>(valued ? n + 1 : 0)};
  for (std::size_t p = 0; p < paths.size(); ++p) {
    std::uint32_t complete = 0;  // the number of channels after which the path has all of its own
    for (std::uint64_t k = sets.offsets[p]; k < sets.offsets[p + 1]; ++k) {
      complete = std::max(complete, place[sets.members[k]]);
    }
    customers[complete] += weights.conversions[p] + weights.nulls[p];
    out.conversions[complete] += weights.conversions[p];
    if (valued) out.value[complete] += weights.values[p];
  }
  std::partial_sum(customers.begin(), customers.end(), customers.begin());
  for (std::vector<double>* worth : {&out.conversions, &out.value}) {
    std::partial_sum(worth->begin(), worth->end(), worth->begin());
    for (std::size_t k = 0; k < worth->size(); ++k) (*worth)[k] = ratio((*worth)[k], customers[k]);
  }
  return out;
}

Worths chains_in_order(const ChainCounts& counts, std::span<const std::uint32_t> order) {
  Worths out;
  for (const Kept& kept : keep_in_order(counts, order)) {
    out.conversions.push_back(kept.conversions);
    if (!counts.values.empty()) out.value.push_back(kept.value);
  }
  return out;
}

// The order of number `k` of a seed: Fisher & Yates.
std::vector<std::uint32_t> random_order(std::size_t n, std::uint64_t seed, std::size_t k) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::uint64_t state = base::mix(base::mix(seed) + k);
  for (std::size_t left = n; left > 1; --left) {
    state = base::mix(state);
    const double u = base::unit_interval(state);
    std::swap(order[left - 1], order[static_cast<std::size_t>(u * static_cast<double>(left))]);
  }
  return order;
}

struct Sums {  // over sampled orders
  std::vector<double> conversions, squares, value;
};

template <class InOrder>
Sums sample(std::size_t n, bool valued, const ShapleyOptions& options, const base::Cancellation& cancellation,
            const InOrder& in_order) {
  const std::size_t blocks = (options.permutations + kOrdersAtOnce - 1) / kOrdersAtOnce;
  std::vector<Sums> parts(blocks);
  base::parallel_for(options.permutations, kOrdersAtOnce, options.threads, cancellation,
                     [&](std::size_t begin, std::size_t end) {
                       Sums& part = parts[begin / kOrdersAtOnce];
                       part = {std::vector<double>(n), std::vector<double>(n), std::vector<double>(valued ? n : 0)};
                       for (std::size_t k = begin; k < end; ++k) {
                         const std::vector<std::uint32_t> order = random_order(n, options.seed, k);
                         const Worths worth = in_order(order);
                         for (std::size_t place = 0; place < n; ++place) {
                           const double added = worth.conversions[place + 1] - worth.conversions[place];
                           part.conversions[order[place]] += added;
                           part.squares[order[place]] += added * added;
                           if (valued) part.value[order[place]] += worth.value[place + 1] - worth.value[place];
                         }
                       }
                     });
  Sums out{std::vector<double>(n), std::vector<double>(n), std::vector<double>(valued ? n : 0)};
  for (const Sums& part : parts) {
    for (std::size_t c = 0; c < n; ++c) {
      out.conversions[c] += part.conversions[c];
      out.squares[c] += part.squares[c];
      if (valued) out.value[c] += part.value[c];
    }
  }
  return out;
}

// Shares of a game's whole, as conversions or value.
void scale(std::vector<double>& parts, double worth_of_all, double total) {
  for (double& part : parts) part = worth_of_all == 0 ? 0 : part / worth_of_all * total;
}

}  // namespace

std::vector<double> shapley_values(std::span<const double> worth) {
  if (!std::has_single_bit(worth.size()) || worth.size() > std::size_t{1} << kMostExactPlayers) {
    throw base::InvalidInput("got the worth of " + std::to_string(worth.size()) +
                             " sets; expected all 2^n sets of n players, at most 2^20");
  }
  for (const double w : worth) {
    if (!std::isfinite(w)) throw base::InvalidInput("the worth of a set is no finite number");
  }
  const auto n = static_cast<std::size_t>(std::countr_zero(worth.size()));
  std::vector<double> weight(n);  // |S|! (n − |S| − 1)! / n!
  if (n > 0) weight[0] = 1 / static_cast<double>(n);
  for (std::size_t s = 1; s < n; ++s) weight[s] = weight[s - 1] * static_cast<double>(s) / static_cast<double>(n - s);
  std::vector<double> out(n);
  for (std::size_t player = 0; player < n; ++player) {
    const std::size_t bit = std::size_t{1} << player;
    std::vector<double> by_size(n);
    for (std::size_t set = 0; set < worth.size(); ++set) {
      if ((set & bit) == 0) by_size[static_cast<std::size_t>(std::popcount(set))] += worth[set | bit] - worth[set];
    }
    for (std::size_t s = 0; s < n; ++s) out[player] += weight[s] * by_size[s];
  }
  return out;
}

Model shapley_model(const Paths& paths, const ShapleyOptions& options, const base::Cancellation& cancellation) {
  if (options.worth == Worth::Conversions) return credit_model(paths, CreditRule::EqualByChannel, {});
  return [&paths, options, &cancellation, sets = channel_sets(paths)](const PathWeights& weights) {
    const std::size_t n = paths.channels.size();
    const bool chain = options.worth == Worth::Chain;
    const bool valued = !weights.values.empty();
    const ChainCounts counts = chain ? count_chain(paths, weights) : ChainCounts{};
    Attributed out;
    const double conversions = sum(weights.conversions), value = sum(weights.values);
    if (n <= kMostExactPlayers) {
      const Worths worth = chain ? all_chains(counts, options, cancellation) : all_rates(paths, sets, weights);
      out.conversions = shapley_values(worth.conversions);
      scale(out.conversions, worth.conversions.back() - worth.conversions.front(), conversions);
      if (valued) out.value = shapley_values(worth.value);
      if (valued) scale(out.value, worth.value.back() - worth.value.front(), value);
    } else {
      Sums sums = sample(n, valued, options, cancellation, [&](std::span<const std::uint32_t> order) {
        return chain ? chains_in_order(counts, order) : rates_in_order(paths, sets, weights, order);
      });
      const auto orders = static_cast<double>(options.permutations);
      const double whole = sum(sums.conversions);  // orders · worth of all channels
      for (std::size_t c = 0; c < n; ++c) {
        const double mean = sums.conversions[c] / orders;
        const double variance = std::max(0.0, sums.squares[c] / orders - mean * mean) / (orders - 1);
        out.standard_error.push_back(std::sqrt(variance) * ratio(conversions * orders, whole));
      }
      scale(sums.conversions, whole, conversions);
      out.conversions = std::move(sums.conversions);
      if (valued) scale(sums.value, sum(sums.value), value);
      out.value = std::move(sums.value);
    }
    return out;
  };
}

}  // namespace journeykit::attribution
