// JSON text to Value and back. Strict RFC 8259, and stricter where the standard leaves a silent change open: refused
// are NUL bytes, invalid UTF-8, a key that stands twice, numbers beyond a double, whole numbers beyond 64 bits, and
// documents deeper or larger than the limits. A UTF-8 byte order mark at the start is skipped; UTF-16 and UTF-32 are
// refused.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "journeykit/base/cancel.hpp"
#include "journeykit/io/file.hpp"
#include "journeykit/io/value.hpp"

namespace journeykit::io {

struct JsonLimits {
  std::size_t bytes = kLargestFile;
  std::size_t depth = 64;  // arrays and objects inside each other
};

// Throws InvalidInput with line and column, or with the JSON pointer of the value that breaks a rule.
Value parse_json(std::string_view text, const JsonLimits& limits = {}, const base::Cancellation& cancellation = {});

// Members in their order, 2 spaces, one member a line; an array of plain values on one line where it fits into 100
// characters; doubles in the shortest form that reads back equal, always with a point or an exponent. Ends with a
// newline. Throws InvalidInput for NaN, infinity and text that is not UTF-8.
std::string write_json(const Value& value, const base::Cancellation& cancellation = {});

}  // namespace journeykit::io
