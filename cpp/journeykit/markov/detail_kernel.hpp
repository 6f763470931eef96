// The two inner loops of eliminate(), in the widest form that this processor has.
#pragma once

#include <cstddef>

namespace journeykit::markov {

// Every row of the n × stride matrix gets rid of state p: false when nothing leads out of it. stride is a multiple of
// kLane, columns from p + 1 on are where a state not yet eliminated leads.
inline constexpr std::size_t kLane = 8;
bool eliminate_state(double* moves, std::size_t rows, std::size_t stride, std::size_t p);

// rows × stride matrix `out` += left (rows × depth, packed by pack_left) × right (depth × stride, packed by
// pack_right), for rows [begin, end) in multiples of kTileRows.
inline constexpr std::size_t kTileRows = 8;
inline constexpr std::size_t kTileColumns = 24;
void add_product(double* out, std::size_t stride, std::size_t begin, std::size_t end, const double* left,
                 const double* right, std::size_t depth);

}  // namespace journeykit::markov
