#include "journeykit/attribution/chain.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace journeykit::attribution {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double sum(std::span<const double> terms) { return std::accumulate(terms.begin(), terms.end(), 0.0); }

// The system diag(outflow) − moves of some channels, and right-hand sides. The diagonal is never stored: it is the sum
// of what leaves a row, so that no elimination step has to subtract.
class Elimination {
 public:
  Elimination(std::size_t n, std::size_t right)
      : n_(n), m_(right), moves_(n * n), exits_(n), pivots_(n), right_(n * right) {}

  double& move(std::size_t i, std::size_t j) { return moves_[i * n_ + j]; }
  double& exit(std::size_t i) { return exits_[i]; }  // what leaves the channels of the system
  double* right(std::size_t i) { return right_.data() + i * m_; }

  void solve() {
    for (std::size_t k = 0; k < n_; ++k) {
      const double* row = moves_.data() + k * n_;
      double pivot = exits_[k];
      for (std::size_t j = k + 1; j < n_; ++j) pivot += row[j];
      pivots_[k] = pivot;
      if (!(pivot > 0)) continue;  // nobody was here
      for (std::size_t i = k + 1; i < n_; ++i) {
        double* other = moves_.data() + i * n_;
        if (other[k] == 0) continue;
        const double factor = other[k] / pivot;
        for (std::size_t j = k + 1; j < n_; ++j) other[j] += factor * row[j];
        exits_[i] += factor * exits_[k];
        add(right(i), right(k), factor);
      }
    }
    for (std::size_t k = n_; k-- > 0;) {
      const double* row = moves_.data() + k * n_;
      double* mine = right(k);
      for (std::size_t j = k + 1; j < n_; ++j) {
        if (row[j] != 0) add(mine, right(j), row[j]);
      }
      for (std::size_t c = 0; c < m_; ++c) mine[c] = pivots_[k] > 0 ? mine[c] / pivots_[k] : 0;
    }
  }

 private:
  void add(double* to, const double* from, double factor) const {
    for (std::size_t c = 0; c < m_; ++c) to[c] += factor * from[c];
  }

  std::size_t n_, m_;
  std::vector<double> moves_, exits_, pivots_, right_;
};

double exit_of(const ChainCounts& counts, std::size_t channel) {
  return counts.conversions[channel] + counts.nulls[channel];
}

}  // namespace

ChainCounts count_chain(const Paths& paths, const PathWeights& weights) {
  const std::size_t n = paths.channels.size();
  const bool valued = !weights.values.empty();
  ChainCounts out;
  out.channels = n;
  out.moves.resize(n * n);
  for (auto* ends : {&out.starts, &out.conversions, &out.nulls}) ends->resize(n);
  if (valued) out.values.resize(n);
  for (std::size_t p = 0; p < paths.size(); ++p) {
    const double customers = weights.conversions[p] + weights.nulls[p];
    if (customers == 0) continue;
    const auto path = paths.path(p);
    if (path.empty()) {
      out.empty += customers;
      continue;
    }
    out.starts[path.front()] += customers;
    for (std::size_t k = 1; k < path.size(); ++k) out.moves[path[k - 1] * n + path[k]] += customers;
    out.conversions[path.back()] += weights.conversions[p];
    out.nulls[path.back()] += weights.nulls[p];
    if (valued) out.values[path.back()] += weights.values[p];
  }
  for (std::size_t c = 0; c < n; ++c) out.moves[c * n + c] = 0;
  return out;
}

RemovalEffects removal_effects(const ChainCounts& counts) {
  const std::size_t n = counts.channels;
  const bool valued = !counts.values.empty();
  // With Z the inverse of diag(outflow) − moves: f_x = inflow_x / (customers · outflow_x · Z_xx), and inflow = outflow
  // because every path that enters a channel leaves it.
  Elimination system(n, n + (valued ? 2 : 1));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) system.move(i, j) = counts.moves[i * n + j];
    system.exit(i) = exit_of(counts, i);
    system.right(i)[i] = 1;
    system.right(i)[n] = counts.conversions[i];
    if (valued) system.right(i)[n + 1] = counts.values[i];
  }
  system.solve();
  const double conversions = sum(counts.conversions), value = sum(counts.values);
  RemovalEffects out;
  for (std::size_t x = 0; x < n; ++x) {
    const double* row = system.right(x);
    out.conversions.push_back(row[x] > 0 ? row[n] / (row[x] * conversions) : kUnknown);
    if (valued) out.value.push_back(row[x] > 0 ? row[n + 1] / (row[x] * value) : kUnknown);
  }
  return out;
}

std::vector<double> inverse_of(const ChainCounts& counts) {
  const std::size_t n = counts.channels;
  Elimination system(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) system.move(i, j) = counts.moves[i * n + j];
    system.exit(i) = exit_of(counts, i);
    system.right(i)[i] = 1;
  }
  system.solve();
  return {system.right(0), system.right(0) + n * n};
}

std::vector<Kept> keep_in_order(const ChainCounts& counts, std::span<const std::uint32_t> order) {
  const std::size_t m = order.size();
  const bool valued = !counts.values.empty();
  // Row m is the start; `lost` is what leaves without a conversion or for channels outside `order`.
  std::vector<double> moves((m + 1) * m), conversions(m + 1), values(m + 1), lost(m + 1);
  std::vector<std::size_t> place(counts.channels, m);
  for (std::size_t k = 0; k < m; ++k) place[order[k]] = k;
  for (std::size_t i = 0; i <= m; ++i) {
    const double* row = i == m ? counts.starts.data() : counts.moves.data() + order[i] * counts.channels;
    for (std::size_t c = 0; c < counts.channels; ++c) (place[c] < m ? moves[i * m + place[c]] : lost[i]) += row[c];
    if (i == m) continue;
    conversions[i] = counts.conversions[order[i]];
    lost[i] += counts.nulls[order[i]];
    if (valued) values[i] = counts.values[order[i]];
  }
  std::vector<Kept> out(m + 1);
  for (std::size_t k = 0; k < m; ++k) {
    const double* row = moves.data() + k * m;
    double pivot = conversions[k] + lost[k];
    for (std::size_t j = k + 1; j < m; ++j) pivot += row[j];
    if (pivot > 0) {
      for (std::size_t i = k + 1; i <= m; ++i) {
        double* other = moves.data() + i * m;
        const double factor = other[k] / pivot;
        if (factor == 0) continue;
        for (std::size_t j = k + 1; j < m; ++j) other[j] += factor * row[j];
        conversions[i] += factor * conversions[k];
        values[i] += factor * values[k];
        lost[i] += factor * lost[k];
      }
    }
    out[k + 1] = {conversions[m], values[m]};
  }
  return out;
}

Attributed in_proportion(RemovalEffects effects, const PathWeights& weights) {
  const auto shared = [](const std::vector<double>& parts, double total) {
    double all = 0;
    for (const double part : parts) all += std::isnan(part) ? 0 : part;
    std::vector<double> out;
    out.reserve(parts.size());
    for (const double part : parts) out.push_back(std::isnan(part) || all == 0 ? 0 : part / all * total);
    return out;
  };
  Attributed out;
  out.conversions = shared(effects.conversions, sum(weights.conversions));
  if (!weights.values.empty()) out.value = shared(effects.value, sum(weights.values));
  out.removal_effect = std::move(effects.conversions);
  return out;
}

Model chain_model(const Paths& paths) {
  return [&paths](const PathWeights& weights) {
    return in_proportion(removal_effects(count_chain(paths, weights)), weights);
  };
}

}  // namespace journeykit::attribution
