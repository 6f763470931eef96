// Time from one moment to another: 0 when it lies in the past, and never an overflow however far the end of
// observation.
#pragma once

#include <cstdint>
#include <limits>

#include "journeykit/base/checked.hpp"

namespace journeykit::metrics {

inline std::int64_t elapsed_ns(std::int64_t from, std::int64_t to) {
  if (to <= from) return 0;
  return base::checked_difference(to, from).value_or(std::numeric_limits<std::int64_t>::max());
}

}  // namespace journeykit::metrics
