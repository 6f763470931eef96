#include "journeykit/attribution/high_order.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>

#include "journeykit/attribution/chain.hpp"
#include "journeykit/attribution/detail_states.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"

namespace journeykit::attribution {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostCorrected = 256;
constexpr std::size_t kMostSweeps = 20'000;
constexpr double kSmallShare = 0.01;  // smaller shares are solved to an absolute error, because they may be 0
constexpr double kRounding = 4e-16;   // of each step: no answer can be better

template <std::size_t kLanes>
using Lanes = std::array<double, kLanes>;

// The chain with its customers.
struct Chain {
  std::vector<double> visits;              // per state
  std::vector<double> late;                // per state: visits from states of smaller number, which are solved before
  std::vector<double> share;               // per move, of the visits of its source
  std::vector<double> conversions, value;  // per state, shares of its visits that end there; value may be empty
};

Chain fit(const Paths& paths, const States& states, const PathWeights& weights) {
  Chain out;
  const bool valued = !weights.values.empty();
  out.share.resize(states.target.size());
  for (auto* per_state : {&out.visits, &out.late, &out.conversions}) per_state->resize(states.size());
  if (valued) out.value.resize(states.size());
  for (std::size_t p = 0; p < paths.size(); ++p) {
    const double customers = weights.conversions[p] + weights.nulls[p];
    if (customers == 0) continue;
    for (std::uint64_t k = paths.offsets[p]; k < paths.offsets[p + 1]; ++k) out.share[states.step_move[k]] += customers;
    const std::uint32_t end = states.end_state[p];
    out.visits[end] += customers;
    out.conversions[end] += weights.conversions[p];
    if (valued) out.value[end] += weights.values[p];
  }
  for (std::size_t s = 0; s < states.size(); ++s) {
    for (std::uint32_t m = states.first_move[s]; m < states.first_move[s + 1]; ++m) {
      // Who stays is where he was: without these moves the chain comes to the same ends, and sooner.
      if (states.target[m] == s) out.share[m] = 0;
      out.visits[s] += out.share[m];
      if (states.target[m] > s) out.late[states.target[m]] += out.share[m];
    }
  }
  for (std::size_t s = 0; s < states.size(); ++s) {
    if (out.visits[s] == 0) continue;
    for (std::uint32_t m = states.first_move[s]; m < states.first_move[s + 1]; ++m) out.share[m] /= out.visits[s];
    out.conversions[s] /= out.visits[s];
    if (valued) out.value[s] /= out.visits[s];
  }
  return out;
}

// One unknown per state and lane: v(s) = ends(s) + Σ_t share(s, t)·v(t), where v is `known` in the states whose last
// channel is that of the lane. Lanes are for the channels from `first` on; those beyond the last channel stay 0.
template <std::size_t kLanes>
struct Problem {
  std::span<const double> ends;   // per state; empty: 0
  std::span<const double> known;  // per state; empty: nothing is known
  double whole = 0;               // what v(start) may be at most, where that is known
  std::uint32_t first = 0;

  // Where v is known in a state that ends in this channel; kLanes: nowhere.
  std::size_t lane_of(std::uint32_t channel) const {
    return known.empty() ? kLanes : std::min<std::size_t>(kLanes, channel - first);  // below `first` wraps around
  }
};

struct Solver {
  const States& states;
  const Chain& chain;
  std::span<const double> inverse;  // of the first-order chain, shape (channels, channels); empty: no correction
  std::size_t channels = 0;
  double tolerance = 0;

  // v of all states, shape (n_states, kLanes), begun from what it holds. States outside of loops are solved once, in
  // their order; the others in sweeps that use what is new at once (Gauss & Seidel).
  template <std::size_t kLanes>
  void solve(const Problem<kLanes>& problem, std::vector<double>& v, const base::Cancellation& cancellation) const {
    Lanes<kLanes> bound{};
    // What a sweep leaves: v(t) has changed for those that were solved before it. They end in the channel before the
    // last of t. The start is last and has no loop.
    std::vector<double> residuals((channels + 1) * kLanes), correction(channels * kLanes);
    pass(problem, 0, states.loops_begin, v, residuals, bound);
    const double steps = std::accumulate(chain.visits.begin(), chain.visits.end(), 0.0);
    const double within = std::max(tolerance * chain.visits[states.start()], kRounding * steps);
    for (std::size_t sweep = 0; states.loops_begin < states.loops_end; ++sweep) {
      cancellation.check();
      if (sweep == kMostSweeps) {
        throw base::NotConverged("the chain of this order was not solved to its accuracy in " +
                                 std::to_string(kMostSweeps) + " sweeps; take a lower order");
      }
      bound.fill(0);
      std::ranges::fill(residuals, 0);
      pass(problem, states.loops_begin, states.loops_end, v, residuals, bound);
      if (done(problem, bound, v, within)) {
        pass(problem, states.loops_end, states.size(), v, residuals, bound);
        if (done(problem, bound, v, within)) return;  // what stood above was solved with older numbers
      }
      if (!inverse.empty()) correct(problem, residuals, correction, v);
    }
    pass(problem, states.loops_end, states.size(), v, residuals, bound);
  }

 private:
  template <std::size_t kLanes>
  void pass(const Problem<kLanes>& problem, std::size_t begin, std::size_t end, std::vector<double>& v,
            std::vector<double>& residuals, Lanes<kLanes>& bound) const {
    for (std::size_t s = begin; s < end; ++s) {
      Lanes<kLanes> sum;
      sum.fill(problem.ends.empty() ? 0 : problem.ends[s]);
      const std::uint32_t last_move = states.first_move[s + 1];
      for (std::uint32_t m = states.first_move[s]; m < last_move; ++m) {
        const double share = chain.share[m];
        const double* to = v.data() + states.target[m] * kLanes;
        for (std::size_t l = 0; l < kLanes; ++l) sum[l] += share * to[l];
      }
      if (const std::size_t lane = problem.lane_of(states.last[s]); lane < kLanes) sum[lane] = problem.known[s];
      double* mine = v.data() + s * kLanes;
      const double late = chain.late[s];
      if (late > 0) {
        const std::size_t group = states.before_last[s] == kNoChannel ? channels : states.before_last[s];
        double* residual = residuals.data() + group * kLanes;
        for (std::size_t l = 0; l < kLanes; ++l) {
          const double change = late * (sum[l] - mine[l]);
          bound[l] += std::abs(change);
          residual[l] += change;
        }
      }
      for (std::size_t l = 0; l < kLanes; ++l) mine[l] = sum[l];
    }
  }

  // The start is solved last, so that what v(start) will be is bounded by what it would be now.
  template <std::size_t kLanes>
  bool done(const Problem<kLanes>& problem, const Lanes<kLanes>& bound, const std::vector<double>& v,
            double within) const {
    Lanes<kLanes> start;
    start.fill(problem.ends.empty() ? 0 : problem.ends[states.start()]);
    const std::size_t s = states.start();
    for (std::uint32_t m = states.first_move[s]; m < states.first_move[s + 1]; ++m) {
      for (std::size_t l = 0; l < kLanes; ++l) start[l] += chain.share[m] * v[states.target[m] * kLanes + l];
    }
    for (std::size_t l = 0; l < kLanes; ++l) {
      if (!(bound[l] <= within * (start[l] + kSmallShare * problem.whole))) return false;
    }
    return true;
  }

  // Adds to v what the first-order chain makes of the residual that is left after the sweep.
  template <std::size_t kLanes>
  void correct(const Problem<kLanes>& problem, const std::vector<double>& residuals, std::vector<double>& correction,
               std::vector<double>& v) const {
    std::ranges::fill(correction, 0);
    for (std::size_t c = 0; c < channels; ++c) {
      double* to = correction.data() + c * kLanes;
      for (std::size_t d = 0; d < channels; ++d) {
        const double z = inverse[c * channels + d];
        for (std::size_t l = 0; l < kLanes; ++l) to[l] += z * residuals[d * kLanes + l];
      }
    }
    // Without the channel of a lane the inverse is Z − Z_.x·Z_x. / Z_xx.
    for (std::size_t l = 0; l < kLanes; ++l) {
      const std::size_t x = problem.first + l;
      if (problem.known.empty() || x >= channels) continue;
      const double met = inverse[x * channels + x];
      const double at_channel = met > 0 ? correction[x * kLanes + l] / met : 0;
      for (std::size_t c = 0; c < channels; ++c) correction[c * kLanes + l] -= inverse[c * channels + x] * at_channel;
      correction[x * kLanes + l] = 0;
    }
    for (std::size_t s = states.loops_begin; s < states.loops_end; ++s) {
      const double* more = correction.data() + states.last[s] * kLanes;
      for (std::size_t l = 0; l < kLanes; ++l) v[s * kLanes + l] += more[l];
    }
  }
};

// Channels solved at once. To find the states that moves lead to costs a sweep as much as some six channels; several
// threads need at least two parts. The result must not depend on threads, so that their number is not asked.
constexpr std::array<std::size_t, 4> kTogether = {3, 6, 9, 12};
std::size_t together(std::size_t channels) {
  constexpr std::size_t per_sweep = 6, few_channels = 6;
  std::size_t best = few_channels, least = std::numeric_limits<std::size_t>::max();
  for (const std::size_t lanes : kTogether) {
    const std::size_t parts = (channels + lanes - 1) / lanes;
    if (parts == 1 && channels > few_channels) continue;
    if (parts * (per_sweep + lanes) < least) {
      least = parts * (per_sweep + lanes);
      best = lanes;
    }
  }
  return best;
}

// v of all states, and what it is by the last channel in the first-order chain, to begin with.
struct Solved {
  std::vector<double> v, first_order;
};

// Shares that are lost without each of the channels [begin, end): that part of v which goes through the channel.
template <std::size_t kLanes>
void lost_without(const Solver& solver, const Solved& solved, std::size_t begin, std::size_t end,
                  std::vector<double>& out, const base::Cancellation& cancellation) {
  const States& states = solver.states;
  const std::size_t channels = solver.channels;
  const Problem<kLanes> through{{}, solved.v, solved.v[states.start()], static_cast<std::uint32_t>(begin)};
  std::vector<double> guesses(channels * kLanes, 0);
  for (std::size_t c = 0; c < channels && !solver.inverse.empty(); ++c) {
    for (std::size_t x = begin; x < end; ++x) {
      const double met = solver.inverse[x * channels + x];
      if (met > 0) guesses[c * kLanes + x - begin] = solver.inverse[c * channels + x] / met * solved.first_order[x];
    }
  }
  std::vector<double> part(states.size() * kLanes);
  for (std::size_t s = 0; s < states.start(); ++s) {
    const std::uint32_t c = states.last[s];
    double* mine = part.data() + s * kLanes;
    std::copy_n(guesses.data() + c * kLanes, kLanes, mine);
    if (const std::size_t lane = through.lane_of(c); lane < kLanes) mine[lane] = solved.v[s];
  }
  solver.solve<kLanes>(through, part, cancellation);
  for (std::size_t x = begin; x < end; ++x) {
    out[x] = part[states.start() * kLanes + x - begin] / solved.v[states.start()];
  }
}

// Shares of `ends` that are lost without each channel: first v of all states, then, for each channel, that part of it
// which goes through the channel. Nothing is subtracted.
std::vector<double> shares_lost(const Solver& solver, std::span<const double> ends, std::span<const double> coarse_ends,
                                unsigned threads, const base::Cancellation& cancellation) {
  const States& states = solver.states;
  const std::size_t channels = solver.channels;
  Solved solved{std::vector<double>(states.size()), std::vector<double>(channels)};
  for (std::size_t c = 0; c < channels && !solver.inverse.empty(); ++c) {
    for (std::size_t d = 0; d < channels; ++d) {
      solved.first_order[c] += solver.inverse[c * channels + d] * coarse_ends[d];
    }
  }
  for (std::size_t s = 0; s < states.start(); ++s) solved.v[s] = solved.first_order[states.last[s]];
  solver.solve<1>({ends, {}, 0, 0}, solved.v, cancellation);
  std::vector<double> out(channels, kUnknown);
  const std::size_t lanes = together(channels);
  base::parallel_for(channels, lanes, threads, cancellation, [&](std::size_t begin, std::size_t end) {
    switch (lanes) {
      case kTogether[0]:
        return lost_without<kTogether[0]>(solver, solved, begin, end, out, cancellation);
      case kTogether[1]:
        return lost_without<kTogether[1]>(solver, solved, begin, end, out, cancellation);
      case kTogether[2]:
        return lost_without<kTogether[2]>(solver, solved, begin, end, out, cancellation);
      default:
        return lost_without<kTogether[3]>(solver, solved, begin, end, out, cancellation);
    }
  });
  return out;
}

}  // namespace

Model high_order_model(const Paths& paths, unsigned order, double tolerance, unsigned threads,
                       const base::Cancellation& cancellation) {
  auto states = std::make_shared<const States>(find_states(paths, order, cancellation));
  return [&paths, &cancellation, states, order, tolerance, threads](const PathWeights& weights) {
    const std::size_t channels = paths.channels.size();
    Chain chain;
    ChainCounts counts;
    std::vector<double> inverse;
    const unsigned at_once = paths.steps.size() < kStepsWorthAThread ? 1 : threads;
    base::parallel_for(2, 1, at_once, cancellation, [&](std::size_t part, std::size_t) {
      if (part == 0) {
        chain = fit(paths, *states, weights);
      } else if (order > 1 && channels <= kMostCorrected) {
        counts = count_chain(paths, weights);
        inverse = inverse_of(counts);
      }
    });
    const Solver solver{*states, chain, inverse, channels, tolerance};
    RemovalEffects effects;
    effects.conversions = shares_lost(solver, chain.conversions, counts.conversions, threads, cancellation);
    if (!weights.values.empty() && std::ranges::any_of(weights.values, [](double v) { return v > 0; })) {
      effects.value = shares_lost(solver, chain.value, counts.values, threads, cancellation);
    } else if (!weights.values.empty()) {
      effects.value.assign(channels, 0);
    }
    std::vector<std::uint8_t> met(channels);
    for (std::size_t s = 0; s < states->start(); ++s) {
      if (chain.visits[s] > 0) met[states->last[s]] = 1;
    }
    for (std::size_t c = 0; c < channels; ++c) {
      if (met[c] == 0) effects.conversions[c] = kUnknown;
    }
    return in_proportion(std::move(effects), weights);
  };
}

}  // namespace journeykit::attribution
