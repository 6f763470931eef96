#include "journeykit/markov/matrix.hpp"

#include <algorithm>
#include <cmath>

#include "journeykit/base/error.hpp"

namespace journeykit::markov {
namespace {

constexpr double kTolerance = 1e-6;  // by which a row may miss 1; its moves are shares of what they add up to
constexpr double kRounding = 1e-15;

// State or end by row, from rows that give their moves as (column, value).
template <class Each>
ChainParts parts(std::size_t n, const std::vector<std::string>& names, MoveKind kind, const Each& each) {
  if (names.size() != n) {
    throw base::InvalidInput("the matrix has " + std::to_string(n) + " rows, but there are " +
                             std::to_string(names.size()) + " names");
  }
  std::vector<std::uint8_t> is_end(n, 1);
  for (std::size_t i = 0; i < n; ++i) {
    each(i, [&](std::size_t j, double value) {
      if (value != 0 && i != j) is_end[i] = 0;
    });
  }
  ChainParts out;
  out.kind = kind;
  std::vector<std::uint32_t> place(n);
  for (std::size_t i = 0; i < n; ++i) {
    auto& list = is_end[i] != 0 ? out.ends : out.states;
    place[i] = static_cast<std::uint32_t>(list.size());
    list.push_back(names[i]);
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (is_end[i] != 0) {
      place[i] += static_cast<std::uint32_t>(out.states.size());
      // Only counts may leave the row of an end empty.
      double itself = 0;
      each(i, [&](std::size_t, double value) { itself += value; });
      if (kind == MoveKind::Probabilities && !(std::abs(itself - 1) <= kTolerance)) {
        throw base::InvalidInput("the moves out of " + base::quote_safe(names[i]) + " add up to " +
                                 std::to_string(itself) + "; expected 1");
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (is_end[i] != 0) continue;
    each(i, [&](std::size_t j, double value) {
      if (value != 0) out.moves.push_back({place[i], place[j], value});
    });
  }
  return out;
}

// Why a matrix has no solution, by the slow way that names everything.
[[noreturn]] void explain(std::span<const double> matrix, std::size_t n) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < n; ++i) names.push_back(std::to_string(i));
  make_chain(parts_of_matrix(matrix, names, MoveKind::Probabilities));
  throw_too_rare();
}

}  // namespace

MatrixSolution solve_matrix(std::span<const double> matrix, std::size_t n, unsigned threads,
                            const base::Cancellation& cancellation) {
  MatrixSolution out;
  std::vector<std::uint32_t> place(n);
  for (std::size_t i = 0; i < n; ++i) {
    auto& list = matrix[i * n + i] == 1 ? out.ends : out.states;
    place[i] = static_cast<std::uint32_t>(list.size());
    list.push_back(static_cast<std::uint32_t>(i));
  }
  if (out.states.empty() || out.ends.empty()) explain(matrix, n);
  const std::size_t states = out.states.size(), ends = out.ends.size();
  // Often the ends stand last, and rows are copied as they are.
  const bool in_order = out.states.back() + 1 == states;
  MoveRows moves(states, ends);
  for (std::size_t i = 0; i < states; ++i) {
    const double* from = matrix.data() + out.states[i] * n;
    double* to = moves.row(i);
    // A number below 0 makes the smallest negative; NaN makes the sum so.
    double sum = 0, smallest = 0;
    for (std::size_t j = 0; j < n; ++j) {
      sum += from[j];
      smallest = std::min(smallest, from[j]);
    }
    if (!(std::abs(sum - 1) <= kTolerance) || smallest < 0) explain(matrix, n);
    if (in_order) {
      std::copy_n(from, n, to);
    } else {
      for (std::size_t j = 0; j < n; ++j) to[place[j] + (matrix[j * n + j] == 1 ? states : 0)] = from[j];
    }
    if (std::abs(sum - 1) > kRounding) std::transform(to, to + n, to, [sum](double move) { return move / sum; });
  }
  for (const std::uint32_t end : out.ends) {
    const double* row = matrix.data() + end * n;
    for (std::size_t j = 0; j < n; ++j) {
      if (row[j] != 0 && j != end) explain(matrix, n);
    }
  }
  auto found = eliminate(moves, threads, cancellation);
  if (!found) explain(matrix, n);
  for (const double steps : found->steps) {
    if (!std::isfinite(steps)) throw_too_rare();
  }
  out.dense = std::move(*found);
  return out;
}

ChainParts parts_of_matrix(std::span<const double> matrix, const std::vector<std::string>& names, MoveKind kind) {
  const std::size_t n = names.size();
  return parts(n, names, kind, [&](std::size_t i, const auto& visit) {
    for (std::size_t j = 0; j < n; ++j) {
      const double value = matrix[i * n + j];
      if (value != 0 || i == j) visit(j, value);
    }
  });
}

ChainParts parts_of_rows(const Rows& rows, const std::vector<std::string>& names, MoveKind kind) {
  return parts(rows.size(), names, kind, [&](std::size_t i, const auto& visit) {
    for (std::size_t k = rows.offsets[i]; k < rows.offsets[i + 1]; ++k) visit(rows.columns[k], rows.values[k]);
  });
}

}  // namespace journeykit::markov
