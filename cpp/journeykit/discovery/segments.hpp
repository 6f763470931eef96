// Segments of a log: the cases by their first known value in one or several columns. Segments stand in the order of
// their values (text by bytes, numbers by size), cases without a known value last. No column: one segment, all cases.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "journeykit/events/log.hpp"

namespace journeykit::discovery {

struct Segments {
  base::Table keys;  // one row per segment, the columns asked for with their own types
  std::size_t count = 1;
  std::vector<std::uint32_t> cases;  // all cases, segment by segment, in log order inside each
  std::vector<std::size_t> offsets;  // segment s: cases[offsets[s]] … cases[offsets[s + 1] - 1]

  std::span<const std::uint32_t> cases_of(std::size_t s) const {
    return std::span(cases).subspan(offsets[s], offsets[s + 1] - offsets[s]);
  }
};

// Throws NotFound (column), Unsupported (a column of decimals or times), InvalidInput (over 10,000 segments).
Segments segments(const events::EventLog& log, const std::vector<std::string>& columns);

// The result with the keys of each row's segment to its left; a key named like a column of the result becomes "by_…".
base::Table with_keys(const Segments& segments, const std::vector<std::uint32_t>& segment_of_row, base::Table result);

}  // namespace journeykit::discovery
