#include "journeykit/markov/inverse.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "journeykit/base/error.hpp"
#include "journeykit/markov/detail_sparse.hpp"

namespace journeykit::markov {

// (I − Q) with its rows divided by what leaves them, d: W = D^-1 (Q without its diagonal).
struct Inverse::Sparse {
  SolveOptions options;
  std::vector<double> leaving;  // d
  SparseSystem right;
  std::unique_ptr<SparseSystem> left;  // the transpose, once somebody asks
  std::vector<double> steps;
  double longest = 0;  // bound of |N|, the largest row sum
  double residual = 0;
  std::mutex lock;  // a solve may build its factors

  Sparse(const Chain& chain, const SolveOptions& o, const base::Cancellation& cancellation)
      : options(o), right(scaled(chain, leaving), o.threads) {
    std::vector<double> b(leaving.size());
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = 1 / leaving[i];
    Solved found = right.solve(b, options.tolerance, cancellation);
    residual = found.residual;
    // (I − W) t = b + e and t >= 0: each true number of steps lies within t·(1 ± max |e / b|).
    const double missed = found.largest / *std::ranges::min_element(b);
    if (!(missed <= options.accuracy) || !(*std::ranges::min_element(found.x) >= 0)) throw_inaccurate();
    steps = std::move(found.x);
    longest = *std::ranges::max_element(steps) / (1 - missed);
  }

  static Rows scaled(const Chain& chain, std::vector<double>& leaving) {
    const std::size_t n = chain.size();
    Rows w;
    leaving.resize(n);
    w.offsets.reserve(n + 1);
    for (std::size_t i = 0; i < n; ++i) {
      double out = 0;
      for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
        if (chain.targets[k] != i) out += chain.probabilities[k];
      }
      leaving[i] = out;
      for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
        if (chain.targets[k] == i || chain.targets[k] >= n) continue;
        w.columns.push_back(chain.targets[k]);
        w.values.push_back(chain.probabilities[k] / out);
      }
      w.offsets.push_back(w.columns.size());
    }
    return w;
  }

  [[noreturn]] void throw_inaccurate() const {
    throw base::NotConverged("the sparse solution of " + std::to_string(leaving.size()) +
                             " touchpoints cannot be shown to be right to " + std::to_string(options.accuracy) +
                             " of its largest number; join touchpoints so that fewer than 2,500 are left, which are "
                             "solved exactly");
  }

  // |error| of N b is at most longest·|residual of (I − Q)|, and a row of that residual is d times the scaled one.
  std::vector<double> checked(SparseSystem& system, const std::vector<double>& b, bool transposed,
                              const base::Cancellation& cancellation) {
    const std::lock_guard held(lock);
    Solved found = system.solve(b, options.tolerance, cancellation);
    double largest = 0;
    for (const double x : found.x) largest = std::max(largest, std::abs(x));
    // The left form is bounded in the 1-norm, whose error the sum over states bounds.
    const double factor = longest * (transposed ? static_cast<double>(b.size()) : 1), bound = found.largest * factor;
    if (!(bound <= options.accuracy * largest)) {
      found = system.solve(b, options.tolerance * options.accuracy * largest / bound, cancellation);
      if (!(found.largest * factor <= options.accuracy * largest)) throw_inaccurate();
    }
    residual = std::max(residual, found.residual);
    return std::move(found.x);
  }
};

Inverse::Inverse(const Chain& chain, const SolveOptions& options, const base::Cancellation& cancellation)
    : chain_(&chain) {
  if (chain.size() <= options.dense_states) {
    dense_ = solve_dense(chain, options.threads, cancellation);
  } else {
    sparse_ = std::make_unique<Sparse>(chain, options, cancellation);
  }
}
Inverse::Inverse(Inverse&&) noexcept = default;
Inverse& Inverse::operator=(Inverse&&) noexcept = default;
Inverse::~Inverse() = default;

const Dense* Inverse::dense() const { return dense_ ? &*dense_ : nullptr; }
const std::vector<double>& Inverse::steps() const { return dense_ ? dense_->steps : sparse_->steps; }
double Inverse::residual() const { return dense_ ? 0 : sparse_->residual; }

std::vector<double> Inverse::values(std::span<const double> right, const base::Cancellation& cancellation) const {
  const std::size_t n = chain_->size();
  if (!dense_) {
    std::vector<double> b(n);
    for (std::size_t i = 0; i < n; ++i) b[i] = right[i] / sparse_->leaving[i];
    return sparse_->checked(sparse_->right, b, false, cancellation);
  }
  std::vector<double> out(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const double* row = dense_->visits.data() + i * n;
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += row[j] * right[j];
    out[i] = sum;
  }
  return out;
}

std::vector<double> Inverse::visits(std::span<const double> left, const base::Cancellation& cancellation) const {
  const std::size_t n = chain_->size();
  if (!dense_) {
    if (!sparse_->left) {
      std::vector<double> unused;
      sparse_->left =
          std::make_unique<SparseSystem>(transposed(Sparse::scaled(*chain_, unused)), sparse_->options.threads);
    }
    // y (I − Q) = left: with z = y·d, (I − W^T) z = left.
    auto out = sparse_->checked(*sparse_->left, {left.begin(), left.end()}, true, cancellation);
    for (std::size_t i = 0; i < n; ++i) out[i] /= sparse_->leaving[i];
    return out;
  }
  std::vector<double> out(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    if (left[i] == 0) continue;
    const double* row = dense_->visits.data() + i * n;
    for (std::size_t j = 0; j < n; ++j) out[j] += left[i] * row[j];
  }
  return out;
}

std::vector<double> Inverse::visits_to(std::size_t j, const base::Cancellation& cancellation) const {
  const std::size_t n = chain_->size();
  std::vector<double> out(n, 0);
  if (dense_) {
    for (std::size_t i = 0; i < n; ++i) out[i] = dense_->visits[i * n + j];
    return out;
  }
  out[j] = 1;
  return values(out, cancellation);
}

std::vector<double> Inverse::absorption(std::size_t end, const base::Cancellation& cancellation) const {
  const std::size_t n = chain_->size();
  std::vector<double> out(n, 0);
  if (dense_) {
    for (std::size_t i = 0; i < n; ++i) out[i] = dense_->absorption[i * dense_->ends + end];
    return out;
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = chain_->offsets[i]; k < chain_->offsets[i + 1]; ++k) {
      if (chain_->targets[k] == n + end) out[i] = chain_->probabilities[k];
    }
  }
  return values(out, cancellation);
}

MoveRows move_rows(const Chain& chain) {
  MoveRows out(chain.size(), chain.end_count());
  for (std::size_t i = 0; i < chain.size(); ++i) {
    for (std::size_t k = chain.offsets[i]; k < chain.offsets[i + 1]; ++k) {
      out.row(i)[chain.targets[k]] = chain.probabilities[k];
    }
  }
  return out;
}

void throw_too_rare() {
  throw base::NotConverged(
      "the ends of this chain are too rare for the numbers of a computer; leave out moves of "
      "vanishing probability");
}

Dense solve_dense(const Chain& chain, unsigned threads, const base::Cancellation& cancellation) {
  MoveRows moves = move_rows(chain);
  auto found = eliminate(moves, threads, cancellation);
  if (!found) {
    check_ends_are_reached(chain);  // names the loop
    throw_too_rare();
  }
  for (const double steps : found->steps) {
    if (!std::isfinite(steps)) throw_too_rare();
  }
  return std::move(*found);
}

}  // namespace journeykit::markov
