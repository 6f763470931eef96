#include <Eigen/SparseLU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "journeykit/base/parallel.hpp"
#include "journeykit/markov/detail_sparse.hpp"

namespace journeykit::markov {
namespace {

constexpr double kRounding = 1e-15;
constexpr std::size_t kThreadedRows = 20'000;
constexpr int kIterations = 1000;              // products come in pairs
constexpr std::size_t kDirectStates = 20'000;  // any matrix up to here …
constexpr double kThin = 4;                    // … and beyond, with so many moves a state: its factors stay thin

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sums[4] = {};
  std::size_t k = 0;
  for (; k + 4 <= a.size(); k += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) sums[lane] += a[k + lane] * b[k + lane];
  }
  for (; k < a.size(); ++k) sums[0] += a[k] * b[k];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

double norm(const std::vector<double>& a) { return std::sqrt(dot(a, a)); }

}  // namespace

Rows transposed(const Rows& rows) {
  const std::size_t n = rows.size();
  Rows out;
  out.offsets.assign(n + 1, 0);
  for (const std::uint32_t column : rows.columns) ++out.offsets[column + 1];
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  out.columns.resize(rows.columns.size());
  out.values.resize(rows.columns.size());
  std::vector<std::size_t> next(out.offsets.begin(), out.offsets.end() - 1);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = rows.offsets[i]; k < rows.offsets[i + 1]; ++k) {
      const std::size_t at = next[rows.columns[k]]++;
      out.columns[at] = static_cast<std::uint32_t>(i);
      out.values[at] = rows.values[k];
    }
  }
  return out;
}

struct SparseSystem::Direct {
  Eigen::SparseLU<Eigen::SparseMatrix<double>, Eigen::COLAMDOrdering<int>> factors;
};

SparseSystem::SparseSystem(Rows w, unsigned threads) : w_(std::move(w)), threads_(threads) {}
SparseSystem::SparseSystem(SparseSystem&&) noexcept = default;
SparseSystem::~SparseSystem() = default;

// y = (I − W) x
void SparseSystem::multiply(const std::vector<double>& x, std::vector<double>& y) const {
  const auto rows = [&](std::size_t begin, std::size_t end) {
    const double* values = w_.values.data();
    const std::uint32_t* columns = w_.columns.data();
    for (std::size_t i = begin; i < end; ++i) {
      double sum = 0;
      for (std::size_t k = w_.offsets[i]; k < w_.offsets[i + 1]; ++k) sum += values[k] * x[columns[k]];
      y[i] = x[i] - sum;
    }
  };
  if (w_.size() < kThreadedRows) {
    rows(0, w_.size());
  } else {
    base::parallel_for(w_.size(), 1 + (w_.size() - 1) / base::thread_count(threads_), threads_, {}, rows);
  }
}

void SparseSystem::residual(const std::vector<double>& b, const std::vector<double>& x, std::vector<double>& r) const {
  multiply(x, r);
  for (std::size_t i = 0; i < b.size(); ++i) r[i] = b[i] - r[i];
}

// Improves x until its true residual r is below `target`; false when that stalls.
bool SparseSystem::iterate(const std::vector<double>& b, double target, std::vector<double>& x, std::vector<double>& r,
                           const base::Cancellation& cancellation) const {
  const std::size_t n = b.size();
  std::vector<double> first(n), p(n), v(n), s(n), t(n);
  double reached = norm(r), at_restart = std::numeric_limits<double>::infinity();
  for (int step = 0; step < kIterations && reached > target;) {
    // A restart that has not halved the residual will not come any further.
    if (!(reached < 0.5 * at_restart)) return false;
    at_restart = reached;
    first = r;
    p = r;
    double rho = dot(first, r);
    for (; step < kIterations; ++step) {
      cancellation.check();
      multiply(p, v);
      const double alpha = rho / dot(first, v);
      for (std::size_t i = 0; i < n; ++i) s[i] = r[i] - alpha * v[i];
      multiply(s, t);
      const double tt = dot(t, t), omega = tt > 0 ? dot(t, s) / tt : 0;
      double square = 0;
      for (std::size_t i = 0; i < n; ++i) {
        x[i] += alpha * p[i] + omega * s[i];
        r[i] = s[i] - omega * t[i];
        square += r[i] * r[i];
      }
      const double next = dot(first, r), beta = next / rho * (alpha / omega);
      if (!(std::sqrt(square) > 0.5 * target) || !std::isfinite(beta) || omega == 0) break;
      rho = next;
      for (std::size_t i = 0; i < n; ++i) p[i] = r[i] + beta * (p[i] - omega * v[i]);
    }
    residual(b, x, r);
    reached = norm(r);
    if (!std::isfinite(reached)) return false;
    // No x in these numbers comes nearer than their rounding.
    if (reached <= kRounding * (norm(b) + 2 * norm(x))) return true;
  }
  return reached <= target;
}

Solved SparseSystem::solve(const std::vector<double>& b, double tolerance, const base::Cancellation& cancellation) {
  Solved out;
  out.x.assign(b.size(), 0);
  const double scale = norm(b);
  if (scale == 0) return out;
  std::vector<double> r = b;  // of x = 0
  bool found = direct_ == nullptr && iterate(b, tolerance * scale, out.x, r, cancellation);
  const std::size_t n = w_.size();
  if (!found && (n <= kDirectStates || static_cast<double>(w_.columns.size()) <= kThin * static_cast<double>(n))) {
    if (direct_ == nullptr) {
      std::vector<Eigen::Triplet<double>> entries;
      entries.reserve(n + w_.columns.size());
      for (std::size_t i = 0; i < n; ++i) {
        const int row = static_cast<int>(i);
        entries.emplace_back(row, row, 1.0);
        for (std::size_t k = w_.offsets[i]; k < w_.offsets[i + 1]; ++k) {
          entries.emplace_back(row, static_cast<int>(w_.columns[k]), -w_.values[k]);
        }
      }
      Eigen::SparseMatrix<double> matrix(static_cast<int>(n), static_cast<int>(n));
      matrix.setFromTriplets(entries.begin(), entries.end());
      auto direct = std::make_unique<Direct>();
      direct->factors.compute(matrix);
      if (direct->factors.info() == Eigen::Success) direct_ = std::move(direct);
    }
    if (direct_ != nullptr) {
      out.x.assign(n, 0);
      r = b;
      for (int refine = 0; refine < 4 && !found; ++refine) {  // the first round is the solution itself
        const Eigen::Map<const Eigen::VectorXd> right(r.data(), static_cast<Eigen::Index>(n));
        const Eigen::VectorXd step = direct_->factors.solve(right);
        for (std::size_t i = 0; i < n; ++i) out.x[i] += step[static_cast<Eigen::Index>(i)];
        residual(b, out.x, r);
        found = norm(r) <= tolerance * scale;
      }
    }
  }
  out.residual = norm(r) / scale;
  for (const double value : r) out.largest = std::max(out.largest, std::abs(value));
  return out;
}

}  // namespace journeykit::markov
