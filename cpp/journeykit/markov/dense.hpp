// The fundamental matrix of a small chain by elimination of its states one after the other, without a subtraction
// (Grassmann, Taksar & Heyman 1985): what is left of a row is summed from its other moves instead of 1 − q, so every
// number of N, B and t is right to its own last digits, however rare the ends are (O'Cinneide 1993).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "journeykit/base/cancel.hpp"

namespace journeykit::markov {

struct Dense {  // row-major
  std::size_t states = 0, ends = 0;
  std::vector<double> visits;      // N = (I − Q)^-1, shape (states, states)
  std::vector<double> absorption;  // B = N R, shape (states, ends)
  std::vector<double> steps;       // t = N 1, shape (states,)
};

// A row-major matrix of zeros whose rows begin at cache lines; moves among the states, then to the ends, then zeros.
class MoveRows {
 public:
  MoveRows(std::size_t states, std::size_t ends);
  double* row(std::size_t state) { return lines_.data()->values + state * stride_; }
  const double* row(std::size_t state) const { return lines_.data()->values + state * stride_; }
  std::size_t states() const { return states_; }
  std::size_t ends() const { return ends_; }
  std::size_t stride() const { return stride_; }

 private:
  struct alignas(64) Line {
    double values[8] = {};
  };
  std::size_t states_, ends_, stride_;
  std::vector<Line> lines_;
};

// Overwrites `moves`. Empty when some state cannot leave for an end.
std::optional<Dense> eliminate(MoveRows& moves, unsigned threads = 1, const base::Cancellation& cancellation = {});

// The states leave one after the other, in the order of the rows; after each, `seen(state)` may read in `moves` where
// the states up to it lead: to later states and to the ends. False when one cannot leave.
bool eliminate_in_order(MoveRows& moves, const std::function<void(std::size_t)>& seen);

}  // namespace journeykit::markov
