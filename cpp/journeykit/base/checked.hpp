// Arithmetic on int64 that says when the exact result does not fit; compilers without the builtins of gcc included.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace journeykit::base {

constexpr std::optional<std::int64_t> checked_difference(std::int64_t a, std::int64_t b) {
  using limits = std::numeric_limits<std::int64_t>;
  if (b > 0 ? a < limits::min() + b : a > limits::max() + b) return std::nullopt;
  return a - b;
}

// `factor` is positive.
constexpr std::optional<std::int64_t> checked_product(std::int64_t value, std::int64_t factor) {
  using limits = std::numeric_limits<std::int64_t>;
  if (value > limits::max() / factor || value < limits::min() / factor) return std::nullopt;
  return value * factor;
}

}  // namespace journeykit::base
