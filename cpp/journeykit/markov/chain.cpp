#include "journeykit/markov/chain.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/markov/structure.hpp"

namespace journeykit::markov {
namespace {

using base::InvalidInput;
using base::quote_safe;

std::string number(double value) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 10).ptr;
  return {text, end};
}

void check_names(const std::vector<std::string>& states, const std::vector<std::string>& ends) {
  if (states.empty()) throw InvalidInput("a chain needs a touchpoint that journeys pass; got none");
  if (ends.empty()) throw InvalidInput("a chain needs an end; got none. Name the touchpoints that end a journey");
  std::vector<std::string> all = states;
  all.insert(all.end(), ends.begin(), ends.end());
  std::ranges::sort(all);
  const auto twice = std::ranges::adjacent_find(all);
  if (twice != all.end()) {
    throw InvalidInput(quote_safe(*twice) + " stands twice among the touchpoints and ends; expected every name once");
  }
}

// Probabilities of the moves [begin, end) from their values; what adds up to nothing is the caller's to refuse.
double share_out(std::span<const double> values, double prior, std::span<double> probabilities) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0) + prior * static_cast<double>(values.size());
  for (std::size_t k = 0; k < values.size(); ++k) probabilities[k] = (values[k] + prior) / sum;
  return sum;
}

void settle_start(ChainParts& parts, Chain& chain) {
  const std::size_t n = chain.size();
  if (parts.start.empty()) {
    parts.start.assign(n, 0);
    parts.start[0] = 1;
    parts.start_counted = false;
  }
  if (parts.start.size() != n) {
    throw InvalidInput("start has " + std::to_string(parts.start.size()) + " numbers; expected one for each of " +
                       std::to_string(n) + " touchpoints");
  }
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (!(parts.start[i] >= 0) || std::isinf(parts.start[i])) {
      throw InvalidInput("start at " + quote_safe(chain.states[i]) + " is " + number(parts.start[i]) +
                         "; expected a number from 0");
    }
    sum += parts.start[i];
  }
  if (!(sum > 0)) throw InvalidInput("no journey starts anywhere: the numbers of start add up to 0");
  if (!parts.start_counted && std::abs(sum - 1) > parts.tolerance) {
    throw InvalidInput("the shares of start add up to " + number(sum) + "; expected 1");
  }
  if (parts.start_counted) chain.start_counts = parts.start;
  chain.start = std::move(parts.start);
  for (double& share : chain.start) share /= sum;
}

}  // namespace

Chain make_chain(ChainParts parts) {
  check_names(parts.states, parts.ends);
  if (!(parts.prior >= 0) || std::isinf(parts.prior)) {
    throw InvalidInput("prior is " + number(parts.prior) + "; expected a number from 0 (Jeffreys: 0.5)");
  }
  Chain chain;
  chain.states = std::move(parts.states);
  chain.ends = std::move(parts.ends);
  const std::size_t n = chain.size(), most = n + chain.end_count();
  const bool counted = parts.kind == MoveKind::Counts;
  const char* what = counted ? "count" : "probability";
  const auto less = [](const Move& a, const Move& b) {
    return a.source != b.source ? a.source < b.source : a.target < b.target;
  };
  if (!std::ranges::is_sorted(parts.moves, less)) std::ranges::sort(parts.moves, less);
  const auto& moves = parts.moves;
  chain.offsets.assign(n + 1, 0);
  chain.targets.reserve(moves.size());
  std::vector<double> values;
  values.reserve(moves.size());
  for (std::size_t k = 0; k < moves.size(); ++k) {
    if (moves[k].source >= n || moves[k].target >= most) throw InvalidInput("a move leads outside the chain");
    if (!(moves[k].value >= 0) || std::isinf(moves[k].value)) {
      throw InvalidInput("the " + std::string(what) + " of the move " + quote_safe(chain.states[moves[k].source]) +
                         " → " + quote_safe(chain.name(moves[k].target)) + " is " + number(moves[k].value) +
                         "; expected a number from 0");
    }
    if (k > 0 && moves[k].source == moves[k - 1].source && moves[k].target == moves[k - 1].target) {
      throw InvalidInput("the move " + quote_safe(chain.states[moves[k].source]) + " → " +
                         quote_safe(chain.name(moves[k].target)) + " stands twice; add the two up");
    }
    ++chain.offsets[moves[k].source + 1];
    chain.targets.push_back(moves[k].target);
    values.push_back(moves[k].value);
  }
  std::partial_sum(chain.offsets.begin(), chain.offsets.end(), chain.offsets.begin());
  chain.probabilities.resize(values.size());
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t begin = chain.offsets[i], size = chain.offsets[i + 1] - begin;
    const double sum = share_out(std::span(values).subspan(begin, size), counted ? parts.prior : 0,
                                 std::span(chain.probabilities).subspan(begin, size));
    if (!(sum > 0)) {
      throw InvalidInput("nothing leads out of " + quote_safe(chain.states[i]) +
                         ": give it a move, name it an end, or leave it out");
    }
    if (!counted && !(std::abs(sum - 1) <= parts.tolerance)) {
      throw InvalidInput("the moves out of " + quote_safe(chain.states[i]) + " add up to " + number(sum) +
                         "; expected 1. Give the missing move, or counts instead of probabilities");
    }
  }
  if (counted) chain.counts = std::move(values);
  settle_start(parts, chain);
  check_ends_are_reached(chain);
  return chain;
}

Chain with_counts(const Chain& chain, std::span<const double> counts, double prior) {
  const std::size_t moves = chain.targets.size(), starts = chain.start_counts.size();
  if (counts.size() != moves + starts) {
    throw InvalidInput("got " + std::to_string(counts.size()) + " counts; expected one for each of " +
                       std::to_string(moves) + " moves and " + std::to_string(starts) + " starts");
  }
  Chain out = chain;
  if (!chain.counts.empty()) out.counts.assign(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(moves));
  for (std::size_t i = 0; i < chain.size() && !chain.counts.empty(); ++i) {
    const std::size_t begin = chain.offsets[i], size = chain.offsets[i + 1] - begin;
    const auto row = counts.subspan(begin, size);
    const auto probabilities = std::span(out.probabilities).subspan(begin, size);
    if (!chain.pseudo.empty()) {
      std::vector<double> known(row.begin(), row.end());
      for (std::size_t k = 0; k < size; ++k) known[k] += chain.pseudo[begin + k];
      share_out(known, 0, probabilities);
    } else if (std::accumulate(row.begin(), row.end(), 0.0) + prior > 0) {
      // A state that this sample never left keeps what is known of it from the whole.
      share_out(row, prior, probabilities);
    }
  }
  if (starts > 0) {
    const auto row = counts.subspan(moves);
    if (std::accumulate(row.begin(), row.end(), 0.0) > 0) {
      out.start_counts.assign(row.begin(), row.end());
      share_out(row, 0, out.start);
    }
  }
  return out;
}

void check_chain(const Chain& chain) {
  check_names(chain.states, chain.ends);
  const std::size_t n = chain.size(), moves = chain.targets.size();
  const auto from_zero = [](double x) { return x >= 0 && std::isfinite(x); };
  const auto as_many = [&](const std::vector<double>& values, std::size_t count) {
    return values.size() == count && std::ranges::all_of(values, from_zero);
  };
  const auto adds_up = [](std::span<const double> shares) {
    return std::abs(std::accumulate(shares.begin(), shares.end(), 0.0) - 1) <= 1e-6;
  };
  bool fits = chain.offsets.size() == n + 1 && chain.offsets[0] == 0 && chain.offsets[n] == moves &&
              std::ranges::is_sorted(chain.offsets) && as_many(chain.probabilities, moves) &&
              as_many(chain.counts, chain.counts.empty() ? 0 : moves) &&
              as_many(chain.pseudo, chain.pseudo.empty() ? 0 : moves) && as_many(chain.start, n) &&
              as_many(chain.start_counts, chain.start_counts.empty() ? 0 : n) && adds_up(chain.start);
  for (std::size_t i = 0; i < n && fits; ++i) {
    const std::size_t begin = chain.offsets[i], size = chain.offsets[i + 1] - begin;
    const auto targets = std::span(chain.targets).subspan(begin, size);
    fits = size > 0 && std::ranges::adjacent_find(targets, std::greater_equal()) == targets.end() &&
           targets.back() < n + chain.end_count() && adds_up(std::span(chain.probabilities).subspan(begin, size));
  }
  if (!fits) throw InvalidInput("the numbers of a stored chain do not fit together: it is damaged, or was not one");
  check_ends_are_reached(chain);
}

void check_ends_are_reached(const Chain& chain) {
  const std::vector<std::uint8_t> reached = states_that_reach_an_end(chain);
  if (std::ranges::find(reached, 0) == reached.end()) return;
  // Of the touchpoints that reach no end, those that form a loop nothing leads out of.
  std::vector<std::uint32_t> loop;
  for (const auto& component : closed_components(chain)) {
    if (loop.empty() || component.size() < loop.size()) loop = component;
  }
  constexpr std::size_t kShown = 6;
  std::string names;
  for (std::size_t k = 0; k < loop.size() && k < kShown; ++k) {
    names += (k == 0 ? "" : ", ") + quote_safe(chain.states[loop[k]]);
  }
  if (loop.size() > kShown) names += " and " + std::to_string(loop.size() - kShown) + " more";
  const auto stuck = static_cast<std::size_t>(std::ranges::count(reached, 0));
  throw InvalidInput(
      (loop.size() == 1 ? "no end is reached from " + names + ", which leads only to itself"
                        : "no end is reached from the loop of " + names) +
      " (" + std::to_string(stuck) + " of " + std::to_string(chain.size()) +
      " touchpoints reach no end). Give it a move to an end, name one of them an end, or leave them out");
}

std::uint32_t state_named(const Chain& chain, std::string_view name) {
  const auto at = std::ranges::find(chain.states, name);
  if (at == chain.states.end()) {
    throw base::NotFound(base::not_found_message("touchpoint", name, "the chain", chain.states));
  }
  return static_cast<std::uint32_t>(at - chain.states.begin());
}

std::uint32_t end_named(const Chain& chain, std::string_view name) {
  const auto at = std::ranges::find(chain.ends, name);
  if (at == chain.ends.end()) throw base::NotFound(base::not_found_message("end", name, "the chain", chain.ends));
  return static_cast<std::uint32_t>(at - chain.ends.begin());
}

}  // namespace journeykit::markov
