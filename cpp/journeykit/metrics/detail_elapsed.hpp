// Time from one moment to another: 0 when it lies in the past, and never an overflow however far the end of
// observation.
#pragma once

#include <cstdint>
#include <limits>

namespace journeykit::metrics {

inline std::int64_t elapsed_ns(std::int64_t from, std::int64_t to) {
  if (to <= from) return 0;
  std::int64_t length = 0;
  return __builtin_sub_overflow(to, from, &length) ? std::numeric_limits<std::int64_t>::max() : length;
}

}  // namespace journeykit::metrics
