#include "journeykit/base/table.hpp"

#include <algorithm>
#include <map>
#include <type_traits>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"

namespace journeykit::base {

std::optional<std::uint32_t> Dictionary::find(std::string_view value) const {
  const auto at = std::ranges::find(values, value);
  if (at == values.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - values.begin());
}

const Column* Table::find(std::string_view name) const {
  const auto at = std::ranges::find(columns, name, &Column::name);
  return at == columns.end() ? nullptr : &*at;
}

const Column& Table::at(std::string_view name) const {
  if (const Column* column = find(name)) return *column;
  throw NotFound(not_found_message("column", name, "the table", names()));
}

std::vector<std::string> Table::names() const {
  std::vector<std::string> out;
  out.reserve(columns.size());
  for (const Column& column : columns) out.push_back(column.name);
  return out;
}

void Table::add(std::string name, Values values) {
  if (find(name) != nullptr) {
    throw InvalidInput("column " + quote_safe(name) + " stands twice in one table; rename one of the two");
  }
  const std::size_t n = length(values);
  if (!columns.empty() && n != rows) {
    throw InvalidInput("column " + quote_safe(name) + " has " + std::to_string(n) + " rows, the table has " +
                       std::to_string(rows));
  }
  rows = n;
  columns.push_back({std::move(name), std::make_shared<const Values>(std::move(values))});
}

void Table::replace(std::string_view name, Values values) {
  at(name);
  if (length(values) != rows) throw InvalidInput("column " + quote_safe(name) + " must keep its length");
  std::ranges::find(columns, name, &Column::name)->values = std::make_shared<const Values>(std::move(values));
}

std::size_t length(const Values& values) {
  return std::visit(
      [](const auto& v) {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, Category>) {
          return v.codes.size();
        } else {
          return v.values.size();
        }
      },
      values);
}

Values take(const Values& values, const std::vector<std::uint32_t>& order, const Cancellation& cancellation) {
  constexpr std::size_t rows_at_once = std::size_t{1} << 17U;
  const auto gather = [&](const auto& from) {
    std::decay_t<decltype(from)> to(order.size());
    parallel_for(order.size(), rows_at_once, 0, cancellation, [&](std::size_t begin, std::size_t end) {
      for (std::size_t k = begin; k < end; ++k) to[k] = from[order[k]];
    });
    return to;
  };
  return std::visit(
      [&](const auto& v) -> Values {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, Category>) {
          return Category{gather(v.codes), v.dictionary};
        } else {
          return std::decay_t<decltype(v)>{gather(v.values)};
        }
      },
      values);
}

Table take(const Table& table, const std::vector<std::uint32_t>& order, const Cancellation& cancellation) {
  Table out;
  out.rows = order.size();
  out.columns.reserve(table.columns.size());
  for (const Column& column : table.columns) {
    out.columns.push_back({column.name, std::make_shared<const Values>(take(*column.values, order, cancellation))});
  }
  return out;
}

Category categorize(const std::vector<std::string>& rows) {
  std::map<std::string_view, std::uint32_t> codes;
  for (const std::string& row : rows) codes.emplace(row, 0);
  auto dictionary = std::make_shared<Dictionary>();
  for (auto& [value, code] : codes) {
    code = static_cast<std::uint32_t>(dictionary->values.size());
    dictionary->values.emplace_back(value);
  }
  Category out{{}, dictionary};
  out.codes.reserve(rows.size());
  for (const std::string& row : rows) out.codes.push_back(codes.at(row));
  return out;
}

std::optional<Category> text_of(const Values& values) {
  if (const auto* category = std::get_if<Category>(&values)) return *category;
  std::vector<std::string> text;
  std::vector<bool> known;
  if (const auto* integers = std::get_if<Integers>(&values)) {
    for (const std::int64_t v : integers->values) {
      known.push_back(v != kMissingInteger);
      text.push_back(v != kMissingInteger ? std::to_string(v) : std::string());
    }
  } else if (const auto* booleans = std::get_if<Booleans>(&values)) {
    for (const std::uint8_t v : booleans->values) {
      known.push_back(v < 2);
      text.emplace_back(v == 1 ? "true" : v == 0 ? "false" : "");
    }
  } else {
    return std::nullopt;
  }
  Category out = categorize(text);
  for (std::size_t row = 0; row < known.size(); ++row) {
    if (!known[row]) out.codes[row] = kMissingCode;
  }
  return out;
}

}  // namespace journeykit::base
