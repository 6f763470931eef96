// The states of a chain of order k over paths, and the moves between them.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "journeykit/attribution/paths.hpp"
#include "journeykit/base/cancel.hpp"

namespace journeykit::attribution {

inline constexpr std::size_t kStepsWorthAThread = 65'536;  // with fewer, starting one costs more than it saves
inline constexpr std::uint32_t kNoChannel = std::numeric_limits<std::uint32_t>::max();

// Numbered so that moves lead to smaller numbers but where they close a loop, whatever the order of rows: strong
// components in the order in which a depth-first search leaves them, and inside of each the states likewise. The start
// is the last state.
struct States {
  std::vector<std::uint32_t> last, before_last;  // channels; kNoChannel: there was none
  std::vector<std::uint32_t> first_move;         // shape (n_states + 1,): moves out of a state stand together
  std::vector<std::uint32_t> target;             // per move
  std::vector<std::uint32_t> step_move;          // per step of the paths: the move that it is
  std::vector<std::uint32_t> end_state;          // per path
  std::size_t loops_begin = 0, loops_end = 0;    // all loops of two and more are among these states

  std::size_t size() const { return last.size(); }
  std::size_t start() const { return size() - 1; }
};

// Throws Unsupported when `order` channels do not fit into a key of 64 bits.
States find_states(const Paths& paths, unsigned order, const base::Cancellation& cancellation);

}  // namespace journeykit::attribution
