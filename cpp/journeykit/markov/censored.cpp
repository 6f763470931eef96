#include "journeykit/markov/censored.hpp"

#include <algorithm>
#include <optional>

#include "journeykit/base/error.hpp"

namespace journeykit::markov {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

// What one visit of a state brings itself: per visit, by its moves, and the ends that it leads to.
std::vector<double> brought(const Chain& chain, const Reward& reward) {
  std::vector<double> out = reward.per_visit.empty() ? std::vector<double>(chain.size(), 0) : reward.per_visit;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const std::uint32_t to = chain.targets[k];
      if (!reward.per_move.empty()) out[i] += chain.probabilities[k] * reward.per_move[k];
      if (to >= chain.size() && !reward.at_end.empty()) {
        out[i] += chain.probabilities[k] * reward.at_end[to - chain.size()];
      }
    }
  }
  return out;
}

// The states that are not asked for, with those that are as its ends and "over" as the last.
Chain between(const Chain& chain, const std::vector<std::uint32_t>& place, std::size_t asked,
              std::vector<std::uint32_t>& other) {
  Chain out;
  other.assign(chain.size(), kNone);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (place[i] != kNone) continue;
    other[i] = static_cast<std::uint32_t>(out.states.size());
    out.states.push_back(chain.states[i]);
  }
  out.start.assign(out.size(), 0);
  for (std::size_t e = 0; e <= asked; ++e) out.ends.push_back(std::to_string(e));
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (other[i] == kNone) continue;
    double over = 0;
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      const std::uint32_t to = chain.targets[k];
      if (to >= chain.size()) {
        over += chain.probabilities[k];
        continue;
      }
      out.targets.push_back(other[to] != kNone ? other[to] : static_cast<std::uint32_t>(out.size() + place[to]));
      out.probabilities.push_back(chain.probabilities[k]);
    }
    out.targets.push_back(static_cast<std::uint32_t>(out.size() + asked));
    out.probabilities.push_back(over);
    out.offsets.push_back(out.targets.size());
  }
  return out;
}

}  // namespace

Censored censored(const Chain& chain, const Reward& reward, const std::vector<std::uint32_t>& states,
                  const SolveOptions& options, const base::Cancellation& cancellation) {
  const std::size_t asked = states.size();
  std::vector<std::uint32_t> place(chain.size(), kNone), other;
  for (std::uint32_t s = 0; s < asked; ++s) place[states[s]] = s;
  const Chain rest = between(chain, place, asked, other);
  const std::vector<double> own = brought(chain, reward);
  std::optional<Inverse> inverse;
  std::vector<double> later;  // from each state of the rest until the next that is asked for
  if (rest.size() > 0) {
    inverse.emplace(rest, options, cancellation);
    std::vector<double> right(rest.size());
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (other[i] != kNone) right[other[i]] = own[i];
    }
    later = inverse->values(right, cancellation);
  }
  Censored out;
  out.chain.ends = {"over"};
  out.chain.start.assign(asked, 0);
  out.reward.per_visit.assign(asked, 0);
  for (const std::uint32_t s : states) out.chain.states.push_back(chain.states[s]);
  std::vector<double> to(asked * (asked + 1), 0);  // row-major, the end last
  for (std::size_t s = 0; s < asked; ++s) {
    out.reward.per_visit[s] = own[states[s]];
    for (std::size_t k = chain.offsets[states[s]]; k < chain.offsets[states[s] + 1]; ++k) {
      const std::uint32_t target = chain.targets[k];
      if (target >= chain.size()) {
        to[s * (asked + 1) + asked] += chain.probabilities[k];
      } else if (other[target] != kNone) {
        out.reward.per_visit[s] += chain.probabilities[k] * later[other[target]];
      } else {
        to[s * (asked + 1) + place[target]] += chain.probabilities[k];
      }
    }
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (other[i] == kNone) {
      out.chain.start[place[i]] += chain.start[i];
    } else {
      out.before += chain.start[i] * later[other[i]];
    }
  }
  for (std::size_t next = 0; next <= asked && inverse; ++next) {
    const std::vector<double> first = inverse->absorption(next, cancellation);
    for (std::size_t s = 0; s < asked; ++s) {
      for (std::size_t k = chain.offsets[states[s]]; k < chain.offsets[states[s] + 1]; ++k) {
        const std::uint32_t target = chain.targets[k];
        if (target < chain.size() && other[target] != kNone) {
          to[s * (asked + 1) + next] += chain.probabilities[k] * first[other[target]];
        }
      }
    }
    for (std::size_t i = 0; i < chain.size() && next < asked; ++i) {
      if (other[i] != kNone) out.chain.start[next] += chain.start[i] * first[other[i]];
    }
  }
  for (std::size_t s = 0; s < asked; ++s) {
    for (std::size_t next = 0; next <= asked; ++next) {
      out.chain.targets.push_back(static_cast<std::uint32_t>(next));
      out.chain.probabilities.push_back(to[s * (asked + 1) + next]);
    }
    out.chain.offsets.push_back(out.chain.targets.size());
  }
  return out;
}

}  // namespace journeykit::markov
