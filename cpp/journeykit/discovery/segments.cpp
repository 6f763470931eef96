#include "journeykit/discovery/segments.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "journeykit/base/error.hpp"

namespace journeykit::discovery {
namespace {

constexpr std::size_t kMostSegments = 10'000;

struct CaseValues {
  std::vector<std::int64_t> rank;  // orders as the values do; the largest integer for none known
  std::vector<std::uint32_t> row;  // where the value stands; the first event for none known
};

template <class Rank>
CaseValues first_known(const events::EventLog& log, const Rank& rank) {
  const auto offsets = log.case_offsets();
  CaseValues out;
  out.rank.assign(log.case_count(), std::numeric_limits<std::int64_t>::max());
  out.row.resize(log.case_count());
  for (std::size_t c = 0; c < out.rank.size(); ++c) {
    out.row[c] = static_cast<std::uint32_t>(offsets[c]);
    for (std::size_t e = offsets[c]; e < offsets[c + 1]; ++e) {
      if (const auto known = rank(e)) {
        out.rank[c] = *known;
        out.row[c] = static_cast<std::uint32_t>(e);
        break;
      }
    }
  }
  return out;
}

CaseValues case_values(const events::EventLog& log, const std::string& column) {
  using Rank = std::optional<std::int64_t>;
  const base::Values& values = *log.table().at(column).values;
  if (const auto* text = std::get_if<base::Category>(&values)) {  // codes of a log stand in byte order of the texts
    return first_known(
        log, [&](std::size_t e) { return text->codes[e] == base::kMissingCode ? Rank() : Rank(text->codes[e]); });
  }
  if (const auto* numbers = std::get_if<base::Integers>(&values)) {
    return first_known(log, [&](std::size_t e) {
      return numbers->values[e] == base::kMissingInteger ? Rank() : Rank(numbers->values[e]);
    });
  }
  if (const auto* flags = std::get_if<base::Booleans>(&values)) {
    return first_known(log, [&](std::size_t e) { return flags->values[e] > 1 ? Rank() : Rank(flags->values[e]); });
  }
  throw base::Unsupported("by: column " + base::quote_safe(column) +
                          " holds decimals or times; expected text, whole numbers or true/false: cut it into classes "
                          "first and add them with with_column");
}

}  // namespace

Segments segments(const events::EventLog& log, const std::vector<std::string>& columns) {
  const std::size_t n = log.case_count();
  std::vector<CaseValues> values;
  values.reserve(columns.size());
  for (const std::string& column : columns) values.push_back(case_values(log, column));

  Segments out;
  out.cases.resize(n);
  std::iota(out.cases.begin(), out.cases.end(), 0U);
  const auto compare = [&](std::uint32_t a, std::uint32_t b) {
    for (const CaseValues& value : values) {
      if (value.rank[a] != value.rank[b]) return value.rank[a] < value.rank[b] ? -1 : 1;
    }
    return 0;
  };
  if (!columns.empty()) {
    std::stable_sort(out.cases.begin(), out.cases.end(), [&](auto a, auto b) { return compare(a, b) < 0; });
  }
  out.offsets.push_back(0);
  for (std::size_t k = 1; k < n; ++k) {
    if (compare(out.cases[k - 1], out.cases[k]) != 0) out.offsets.push_back(k);
  }
  if (n > 0 || columns.empty()) out.offsets.push_back(n);
  out.count = out.offsets.size() - 1;
  if (out.count > kMostSegments) {
    std::string named;
    for (const std::string& column : columns) named += (named.empty() ? "" : ", ") + base::quote_safe(column);
    throw base::InvalidInput("by: " + named + " makes " + std::to_string(out.count) +
                             " segments; at most 10,000 are told apart: choose a coarser column");
  }
  out.keys.rows = out.count;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    std::vector<std::uint32_t> rows;
    rows.reserve(out.count);
    for (std::size_t s = 0; s < out.count; ++s) rows.push_back(values[k].row[out.cases[out.offsets[s]]]);
    out.keys.add(columns[k], base::take(*log.table().at(columns[k]).values, rows));
  }
  return out;
}

base::Table with_keys(const Segments& segments, const std::vector<std::uint32_t>& segment_of_row, base::Table result) {
  base::Table out;
  for (const base::Column& key : segments.keys.columns) {
    out.add(result.find(key.name) == nullptr ? key.name : "by_" + key.name, base::take(*key.values, segment_of_row));
  }
  for (base::Column& column : result.columns) out.columns.push_back(std::move(column));
  out.rows = segment_of_row.size();
  return out;
}

}  // namespace journeykit::discovery
