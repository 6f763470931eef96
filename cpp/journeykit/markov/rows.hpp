// Compressed rows of numbers.
#pragma once

#include <cstdint>
#include <vector>

namespace journeykit::markov {

struct Rows {
  std::vector<std::size_t> offsets{0};
  std::vector<std::uint32_t> columns;
  std::vector<double> values;
  std::size_t size() const { return offsets.size() - 1; }
};
Rows transposed(const Rows& rows);

}  // namespace journeykit::markov
