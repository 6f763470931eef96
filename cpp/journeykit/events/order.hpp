// The one total order of events: case, time, order column, input row.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "journeykit/base/cancel.hpp"

namespace journeykit::events {

struct Ordered {
  bool as_it_was = false;              // the rows stand in order already: `rows` and `times` are empty
  std::vector<std::uint32_t> rows;     // else the input row of each event in log order
  std::vector<std::int64_t> times;     // and the time of each event in log order
  std::vector<std::uint64_t> offsets;  // of cases, shape (n_cases + 1,)
  std::int64_t out_of_order = 0, ties = 0;
};

// `cases`: code of each row, below `case_count`. `order`: empty, or the order value of each row.
Ordered order_rows(std::span<const std::uint32_t> cases, std::size_t case_count, std::span<const std::int64_t> times,
                   std::span<const std::int64_t> order, const base::Cancellation& cancellation);

}  // namespace journeykit::events
