// N = (I − Q)^-1 of a chain: as numbers for chains of up to `dense_states` touchpoints, beyond that as solves that
// check themselves. An answer whose error may exceed `accuracy` is NotConverged, never a number: the bound is
// max(t)·|residual|, rigorous because N >= 0 and its row sums are t.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/markov/chain.hpp"
#include "journeykit/markov/dense.hpp"

namespace journeykit::markov {

struct SolveOptions {
  std::size_t dense_states = 2500;
  double tolerance = 1e-12;  // of the residual against the right side, 2-norm; sparse only
  double accuracy = 1e-6;    // largest error of an answer against its largest number; sparse only
  unsigned threads = 1;
};

class Inverse {
 public:
  explicit Inverse(const Chain& chain, const SolveOptions& options = {}, const base::Cancellation& cancellation = {});
  Inverse(Inverse&&) noexcept;
  Inverse& operator=(Inverse&&) noexcept;
  ~Inverse();

  const Dense* dense() const;                // nullptr beyond dense_states
  const std::vector<double>& steps() const;  // t = N 1
  // N right and left N, shape (states,).
  std::vector<double> values(std::span<const double> right, const base::Cancellation& cancellation = {}) const;
  std::vector<double> visits(std::span<const double> left, const base::Cancellation& cancellation = {}) const;
  // Column j of N: visits to j from every state.
  std::vector<double> visits_to(std::size_t j, const base::Cancellation& cancellation = {}) const;
  // Column e of B: the probability to end in e from every state.
  std::vector<double> absorption(std::size_t end, const base::Cancellation& cancellation = {}) const;
  double residual() const;  // largest of the solves so far against their right sides; 0 for dense

 private:
  struct Sparse;
  const Chain* chain_;
  std::optional<Dense> dense_;
  std::unique_ptr<Sparse> sparse_;
};

// The moves as rows for eliminate(); 0 probabilities stay 0.
MoveRows move_rows(const Chain& chain);
// N, B and t of a small chain; throws NotConverged where the ends are too rare for the numbers of a computer.
Dense solve_dense(const Chain& chain, unsigned threads = 1, const base::Cancellation& cancellation = {});
[[noreturn]] void throw_too_rare();

}  // namespace journeykit::markov
