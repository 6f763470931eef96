// The one shape of tabular data inside the engine: equally long, named, shared and immutable columns. Every room
// that returns rows returns a Table; `events` turns it into an Arrow stream. A missing value is a state of its own:
// kMissingCode, kMissingInteger or NaN.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "journeykit/base/cancel.hpp"

namespace journeykit::base {

inline constexpr std::uint32_t kMissingCode = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::int64_t kMissingInteger = std::numeric_limits<std::int64_t>::min();

struct Dictionary {
  std::vector<std::string> values;
  std::optional<std::uint32_t> find(std::string_view value) const;  // linear: for a few look-ups, not for rows
};

struct Category {  // text, one code per row
  std::vector<std::uint32_t> codes;
  std::shared_ptr<const Dictionary> dictionary;
};
struct Integers {
  std::vector<std::int64_t> values;
};
struct Reals {
  std::vector<double> values;
};
struct Times {  // nanoseconds since 1970-01-01T00:00 UTC
  std::vector<std::int64_t> values;
};
struct Durations {  // nanoseconds
  std::vector<std::int64_t> values;
};
struct Booleans {  // 0, 1, or 2 for missing
  std::vector<std::uint8_t> values;
};

using Values = std::variant<Category, Integers, Reals, Times, Durations, Booleans>;

struct Column {
  std::string name;
  std::shared_ptr<const Values> values;
};

struct Table {
  std::vector<Column> columns;
  std::size_t rows = 0;

  const Column* find(std::string_view name) const;  // nullptr when absent
  const Column& at(std::string_view name) const;    // throws NotFound with the nearest name
  std::vector<std::string> names() const;
  void add(std::string name, Values values);           // throws InvalidInput on a second name or another length
  void replace(std::string_view name, Values values);  // throws NotFound
};

std::size_t length(const Values& values);
// Rows `order[k]` in their new order; the dictionary is shared, not copied.
Values take(const Values& values, const std::vector<std::uint32_t>& order, const Cancellation& cancellation = {});
Table take(const Table& table, const std::vector<std::uint32_t>& order, const Cancellation& cancellation = {});
// Text of each row to a category with the dictionary sorted by bytes, so that codes do not depend on row order.
Category categorize(const std::vector<std::string>& rows);
// Text as it is; whole numbers and true/false as text; nothing for decimals, times and durations.
std::optional<Category> text_of(const Values& values);

}  // namespace journeykit::base
