// Solves (I − W) x = b and its transpose for W >= 0 with row sums below 1: BiCGSTAB (van der Vorst 1992) on the rows as
// they are, restarted on the true residual; Eigen's SparseLU where that stalls and the matrix is thin enough.
#pragma once

#include <memory>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/markov/rows.hpp"

namespace journeykit::markov {

struct Solved {
  std::vector<double> x;
  double residual = 0;  // |b − (I − W) x| / |b|, 2-norm
  double largest = 0;   // |b − (I − W) x|, largest number
};

class SparseSystem {
 public:
  SparseSystem(Rows w, unsigned threads);
  SparseSystem(SparseSystem&&) noexcept;
  ~SparseSystem();
  // As near to `tolerance` as the numbers allow; the caller judges the residual.
  Solved solve(const std::vector<double>& b, double tolerance, const base::Cancellation& cancellation);

 private:
  struct Direct;
  void residual(const std::vector<double>& b, const std::vector<double>& x, std::vector<double>& r) const;
  void multiply(const std::vector<double>& x, std::vector<double>& y) const;
  bool iterate(const std::vector<double>& b, double target, std::vector<double>& x, std::vector<double>& r,
               const base::Cancellation& cancellation) const;

  Rows w_;
  unsigned threads_;
  std::unique_ptr<Direct> direct_;
};

}  // namespace journeykit::markov
