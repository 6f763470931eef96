#include <algorithm>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/markov/outcome.hpp"

namespace journeykit::markov {
namespace {

constexpr std::size_t kMostLevels = 1000;

// The states leave from the best experience to the worst. Once all above a level are gone, a journey that has ended
// never was at the level or below.
std::vector<Trough> by_elimination(const Chain& chain, std::span<const double> experience,
                                   const base::Cancellation& cancellation) {
  const std::size_t n = chain.size();
  std::vector<std::uint32_t> order(n), place(n);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](auto a, auto b) { return experience[a] > experience[b]; });
  for (std::uint32_t k = 0; k < n; ++k) place[order[k]] = k;
  MoveRows moves(n, chain.end_count());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const std::uint32_t to = chain.targets[k];
      moves.row(place[i])[to < n ? place[to] : to] = chain.probabilities[k];
    }
  }
  std::vector<Trough> out{{experience[order[0]], 1}};
  const bool left = eliminate_in_order(moves, [&](std::size_t last) {
    cancellation.check();
    if (last + 1 == n || experience[order[last + 1]] == experience[order[last]]) return;
    double above = 0;
    for (std::size_t i = 0; i <= last; ++i) {
      const double* ends = moves.row(i) + n;
      above += chain.start[order[i]] * std::accumulate(ends, ends + chain.end_count(), 0.0);
    }
    out.push_back({experience[order[last + 1]], 1 - above});
  });
  if (!left) throw_too_rare();
  std::ranges::reverse(out);
  return out;
}

// P(a journey from the start ever comes to a touchpoint at `level` or below).
double ever_at_or_below(const Chain& chain, std::span<const double> experience, double level,
                        const SolveOptions& options, const base::Cancellation& cancellation) {
  constexpr std::uint32_t below = 0xFFFFFFFF;
  std::vector<std::uint32_t> place(chain.size(), below);
  Chain above;
  double out = 0;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (experience[i] <= level) {
      out += chain.start[i];
      continue;
    }
    place[i] = static_cast<std::uint32_t>(above.states.size());
    above.states.push_back(chain.states[i]);
    above.start.push_back(chain.start[i]);
  }
  if (above.states.empty()) return 1;
  above.ends = {"there", "over"};
  const auto there = static_cast<std::uint32_t>(above.size());
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (place[i] == below) continue;
    double to_there = 0, over = 0;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const double p = chain.probabilities[k];
      if (chain.targets[k] >= chain.size()) {
        over += p;
      } else if (place[chain.targets[k]] == below) {
        to_there += p;
      } else {
        above.targets.push_back(place[chain.targets[k]]);
        above.probabilities.push_back(p);
      }
    }
    above.targets.insert(above.targets.end(), {there, there + 1});
    above.probabilities.insert(above.probabilities.end(), {to_there, over});
    above.offsets.push_back(above.targets.size());
  }
  const auto met = Inverse(above, options, cancellation).absorption(0, cancellation);
  return std::inner_product(met.begin(), met.end(), above.start.begin(), out);
}

}  // namespace

std::vector<Trough> worst_moment(const Chain& chain, std::span<const double> experience, const SolveOptions& options,
                                 const base::Cancellation& cancellation) {
  if (experience.size() != chain.size()) throw base::InvalidInput("experience needs one number for each touchpoint");
  check_finite(chain.states, experience, "experience");
  if (chain.size() <= options.dense_states) return by_elimination(chain, experience, cancellation);
  std::vector<double> levels(experience.begin(), experience.end());
  std::ranges::sort(levels);
  levels.erase(std::ranges::unique(levels).begin(), levels.end());
  if (levels.size() > kMostLevels) {
    throw base::Unsupported(
        "beyond " + std::to_string(options.dense_states) +
        " touchpoints every level of experience is a solution of its own, for up to 1,000 levels; got " +
        std::to_string(levels.size()) + " levels. Round the experience, for instance to three digits");
  }
  std::vector<Trough> out(levels.size());
  SolveOptions each = options;
  each.threads = 1;
  base::parallel_for(levels.size(), 1, options.threads, cancellation, [&](std::size_t k, std::size_t) {
    const bool last = k + 1 == levels.size();
    out[k] = {levels[k], last ? 1 : ever_at_or_below(chain, experience, levels[k], each, cancellation)};
  });
  return out;
}

}  // namespace journeykit::markov
