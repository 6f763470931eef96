// An absorbing chain: touchpoints a journey moves between (states) until it ends in one of the ends. Rows of moves add
// up to 1; a row may have counts behind it, which make its uncertainty. SCIENCE notes §4, §5.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace journeykit::markov {

struct Move {
  std::uint32_t source = 0, target = 0;  // target: a state, or number of states + end
  double value = 0;                      // a probability or a count
};
enum class MoveKind { Probabilities, Counts };

struct Chain {
  std::vector<std::string> states, ends;  // names, unique
  // Moves of state i: [offsets[i], offsets[i + 1]), targets ascending.
  std::vector<std::size_t> offsets{0};
  std::vector<std::uint32_t> targets;
  std::vector<double> probabilities;
  std::vector<double> counts;  // as given, per move; empty: only the probabilities are known
  // Counts that each move is worth before any was seen, added to `counts` wherever they become probabilities; empty:
  // none.
  std::vector<double> pseudo;
  std::vector<double> start;         // where journeys begin, shape (states,), adds up to 1
  std::vector<double> start_counts;  // empty: `start` was given and is certain

  std::size_t size() const { return states.size(); }
  std::size_t end_count() const { return ends.size(); }
  const std::string& name(std::uint32_t target) const {
    return target < states.size() ? states[target] : ends[target - states.size()];
  }
};

struct ChainParts {
  std::vector<std::string> states, ends;
  std::vector<Move> moves;    // each pair once, in any order; a count of 0 is a move that is allowed
  std::vector<double> start;  // shares, or counts when `start_counted`; empty: the first state
  bool start_counted = false;
  MoveKind kind = MoveKind::Probabilities;
  double prior = 0;         // added to every count: ½ is Jeffreys' choice; the probabilities are posterior means
  double tolerance = 1e-6;  // by how much a row of probabilities may miss 1
};

// Throws InvalidInput naming the touchpoints: nothing there, a name twice, NaN or negative values, rows that do not add
// up, states from which no end is reached (their loop).
Chain make_chain(ChainParts parts);
// The chain with other counts on the same moves (and starts); what has no counts keeps its probabilities.
Chain with_counts(const Chain& chain, std::span<const double> counts, double prior = 0);

// Throws InvalidInput unless the arrays of a chain that was kept elsewhere fit together and are probabilities and
// counts.
void check_chain(const Chain& chain);
// Throws InvalidInput naming the loop, when from some state no end is reached.
void check_ends_are_reached(const Chain& chain);
// Position of a state or an end; throws NotFound with the nearest name.
std::uint32_t state_named(const Chain& chain, std::string_view name);
std::uint32_t end_named(const Chain& chain, std::string_view name);

}  // namespace journeykit::markov
