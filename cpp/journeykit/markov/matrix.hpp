// Chains that come as a plain matrix: square, with a row for each state and end; an end leads only to itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "journeykit/markov/chain.hpp"
#include "journeykit/markov/inverse.hpp"
#include "journeykit/markov/rows.hpp"

namespace journeykit::markov {

struct MatrixSolution {
  Dense dense;                              // of the states, in their order
  std::vector<std::uint32_t> states, ends;  // their rows in the matrix
};
// N, B and t of a row-major n × n matrix of probabilities, with as little as possible around them. Throws as
// make_chain.
MatrixSolution solve_matrix(std::span<const double> matrix, std::size_t n, unsigned threads = 1,
                            const base::Cancellation& cancellation = {});

// The parts of a chain, names in the order of the rows; counts or probabilities. An end may also have no moves at all.
ChainParts parts_of_matrix(std::span<const double> matrix, const std::vector<std::string>& names, MoveKind kind);
ChainParts parts_of_rows(const Rows& rows, const std::vector<std::string>& names, MoveKind kind);

}  // namespace journeykit::markov
