#include "journeykit/attribution/paths.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <exception>
#include <memory>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/text_order.hpp"
#include "journeykit/events/detail_interner.hpp"

namespace journeykit::attribution {
namespace {

using base::InvalidInput;
using base::quote_safe;

[[noreturn]] void refuse(const std::string& column, std::size_t row, const std::string& what) {
  throw InvalidInput("column " + quote_safe(column) + ", row " + std::to_string(row) + " (counted from 0): " + what);
}

std::string shown(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::size_t row_count(const std::vector<TextRows>& parts) {
  std::size_t rows = 0;
  for (const TextRows& part : parts) {
    const std::size_t ends = part.wide.empty() ? part.narrow.size() : part.wide.size();
    rows += ends == 0 ? 0 : ends - 1;
  }
  return rows;
}

// visit(row, text) for the rows [begin, end) of all parts.
template <class Visit>
void each_text(const std::vector<TextRows>& parts, const std::string& column, std::size_t begin, std::size_t end,
               Visit&& visit) {
  std::size_t first = 0;
  for (const TextRows& part : parts) {
    const auto go = [&](const auto& offsets) {
      const std::size_t rows = offsets.empty() ? 0 : offsets.size() - 1;
      for (std::size_t row = std::max(begin, first); row < std::min(end, first + rows); ++row) {
        const auto from = offsets[row - first], to = offsets[row - first + 1];
        if (from < 0 || to < from || static_cast<std::size_t>(to) > part.bytes.size()) {
          refuse(column, row, "the offsets of the text contradict each other; the Arrow data is broken");
        }
        visit(row, part.bytes.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
      }
      first += rows;
    };
    if (part.wide.empty()) {
      go(part.narrow);
    } else {
      go(part.wide);
    }
  }
}

constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr std::array<std::string_view, 2> kWideSpaces = {"\xC2\xA0", "\xE3\x80\x80"};  // no-break, ideographic

std::string_view trimmed(std::string_view text) {
  while (!text.empty()) {
    if (is_space(text.front())) {
      text.remove_prefix(1);
    } else if (is_space(text.back())) {
      text.remove_suffix(1);
    } else if (static_cast<signed char>(text.front()) >= 0 && static_cast<signed char>(text.back()) >= 0) {
      return text;
    } else {
      const std::size_t before = text.size();
      for (const std::string_view space : kWideSpaces) {
        if (text.starts_with(space)) text.remove_prefix(space.size());
        if (text.ends_with(space)) text.remove_suffix(space.size());
      }
      if (text.size() == before) return text;
    }
  }
  return text;
}

// visit(part of the text between separators), trimmed; nothing for a text of white space.
template <class Visit>
void each_name(std::string_view text, std::string_view separator, Visit&& visit) {
  if (trimmed(text).empty()) return;
  while (true) {
    const std::size_t at = separator.size() == 1 ? text.find(separator.front()) : text.find(separator);
    visit(trimmed(text.substr(0, at)));
    if (at == std::string_view::npos) return;
    text.remove_prefix(at + separator.size());
  }
}

// The codes of short names that were looked up before, told apart by their bytes as numbers.
class ShortNames {
 public:
  // `look_up()` gives the code of a name that is not here.
  template <class LookUp>
  std::uint32_t code(std::string_view name, LookUp&& look_up) {
    if (name.size() < 4 || name.size() > 16) return look_up();
    const bool longer = name.size() >= 8;
    const std::uint64_t head = longer ? load<std::uint64_t>(name.data()) : load<std::uint32_t>(name.data());
    const std::uint64_t tail = longer ? load<std::uint64_t>(name.data() + name.size() - 8)
                                      : load<std::uint32_t>(name.data() + name.size() - 4);
    const std::uint64_t mixed = (head ^ (tail << 17U | tail >> 47U) ^ name.size()) * 0x9E3779B97F4A7C15ULL;
    Entry& entry = entries_[mixed >> 54U];
    if (entry.size == name.size() && entry.head == head && entry.tail == tail) return entry.code;
    entry = {head, tail, static_cast<std::uint32_t>(name.size()), look_up()};
    return entry.code;
  }

 private:
  template <class T>
  static T load(const char* from) {
    T out = 0;
    std::memcpy(&out, from, sizeof out);
    return out;
  }

  struct Entry {
    std::uint64_t head = 0, tail = 0;
    std::uint32_t size = 0, code = 0;
  };
  std::array<Entry, 1024> entries_;
};

struct Part {  // the rows of one thread
  std::size_t begin = 0, end = 0;
  events::Interner names;
  std::vector<std::uint32_t> steps, lengths;
  std::vector<double> times;
  std::exception_ptr wrong;
};

void read_rows(const PathColumns& columns, Part& part, const base::Cancellation& cancellation) {
  part.lengths.reserve(part.end - part.begin);
  const auto known = std::make_unique<ShortNames>();
  each_text(columns.path, columns.path_name, part.begin, part.end, [&](std::size_t row, std::string_view text) {
    if (row % 8192 == 0) cancellation.check();
    std::uint32_t length = 0;
    each_name(text, columns.separator, [&](std::string_view name) {
      ++length;
      if (name.empty()) {
        refuse(columns.path_name, row,
               "name " + std::to_string(length) + " of the path " + quote_safe(text) +
                   " is empty; expected names with one separator " + quote_safe(columns.separator) + " between them");
      }
      part.steps.push_back(known->code(name, [&] {
        try {
          return part.names.code(name, columns.path_name);
        } catch (const InvalidInput& error) {
          throw InvalidInput(std::string(error.what()) + " (row " + std::to_string(row) + " counted from 0)");
        }
      }));
    });
    part.lengths.push_back(length);
  });
  if (columns.times.empty()) return;
  part.times.reserve(part.steps.size());
  each_text(columns.times, columns.times_name, part.begin, part.end, [&](std::size_t row, std::string_view text) {
    const std::size_t at = part.times.size();
    each_name(text, columns.separator, [&](std::string_view number) {
      double time = 0;
      const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), time);
      if (error != std::errc() || end != number.data() + number.size() || !std::isfinite(time)) {
        refuse(columns.times_name, row, quote_safe(number) + " is no number; expected one time for each channel");
      }
      if (part.times.size() > at && time < part.times.back()) {
        refuse(columns.times_name, row,
               "the times fall from " + shown(part.times.back()) + " to " + shown(time) +
                   "; expected the order in which the channels were met");
      }
      part.times.push_back(time);
    });
    const std::size_t wanted = part.lengths[row - part.begin];
    if (part.times.size() - at != wanted) {
      refuse(columns.times_name, row,
             std::to_string(part.times.size() - at) + " times for " + std::to_string(wanted) +
                 " channels; expected one time for each");
    }
  });
}

void check_count(double count, const std::string& column, std::size_t row) {
  if (std::isnan(count)) refuse(column, row, "no number; expected how many customers (0 where there were none)");
  if (count < 0 || std::isinf(count)) refuse(column, row, shown(count) + "; expected a number of customers from 0");
}

void check_rows(std::size_t rows, const PathColumns& columns) {
  const auto same = [&](std::size_t n, const std::string& name, bool optional) {
    if (n == rows || (optional && n == 0)) return;
    throw InvalidInput("column " + quote_safe(name) + " has " + std::to_string(n) + " rows, column " +
                       quote_safe(columns.path_name) + " has " + std::to_string(rows));
  };
  same(columns.conversions.size(), columns.conversions_name, false);
  same(columns.nulls.size(), columns.nulls_name, true);
  same(columns.values.size(), columns.values_name, true);
  if (!columns.times.empty()) same(row_count(columns.times), columns.times_name, false);
}

void take_numbers(const PathColumns& columns, Paths& out) {
  const std::size_t rows = out.size();
  out.conversions.assign(columns.conversions.begin(), columns.conversions.end());
  out.nulls.assign(columns.nulls.begin(), columns.nulls.end());
  out.nulls.resize(rows, 0);
  out.values.assign(columns.values.begin(), columns.values.end());
  for (std::size_t row = 0; row < rows; ++row) {
    check_count(out.conversions[row], columns.conversions_name, row);
    check_count(out.nulls[row], columns.nulls_name, row);
    if (out.offsets[row] == out.offsets[row + 1] && out.conversions[row] > 0) {
      refuse(columns.path_name, row,
             "the path is empty but has " + shown(out.conversions[row]) +
                 " conversions, which no channel can be credited with; name a channel for them "
                 "('none'), or leave the row out");
    }
    if (out.values.empty()) continue;
    double& value = out.values[row];
    if (std::isnan(value) && out.conversions[row] == 0) value = 0;
    if (std::isnan(value))
      refuse(columns.values_name, row, "no number, but there are conversions; expected their value");
    if (value < 0 || std::isinf(value)) {
      refuse(columns.values_name, row, shown(value) + "; expected the value of the conversions, from 0");
    }
    if (value > 0 && out.conversions[row] == 0) {
      refuse(columns.values_name, row, shown(value) + " without a conversion; expected 0 or no number");
    }
  }
}

// Codes in byte order of the names, for what several interners have coded.
struct Merged {
  std::vector<std::string> names;
  std::vector<std::vector<std::uint32_t>> code_of;  // per part
};

Merged merge(std::vector<Part>& parts, const base::Cancellation& cancellation) {
  Merged out;
  events::Interner all;
  for (Part& part : parts) out.code_of.push_back(all.absorb(std::move(part.names)));
  const std::vector<std::string> texts = std::move(all).finish();
  std::vector<std::uint32_t> place(texts.size());
  for (const std::uint32_t code : base::byte_order(texts, cancellation)) {
    place[code] = static_cast<std::uint32_t>(out.names.size());
    out.names.push_back(texts[code]);
  }
  for (auto& codes : out.code_of) {
    for (std::uint32_t& code : codes) code = place[code];
  }
  return out;
}

}  // namespace

Paths read_paths(const PathColumns& columns, const base::Cancellation& cancellation) {
  constexpr std::size_t rows_worth_a_thread = 8192;
  if (columns.separator.empty()) throw InvalidInput("separator is empty; expected text such as '>'");
  const std::size_t rows = row_count(columns.path);
  check_rows(rows, columns);
  const std::size_t count = std::clamp<std::size_t>(rows / rows_worth_a_thread, 1, base::thread_count(0));
  std::vector<Part> parts(count);
  for (std::size_t k = 0; k < count; ++k) {
    parts[k].begin = rows * k / count;
    parts[k].end = rows * (k + 1) / count;
  }
  base::parallel_for(count, 1, 0, cancellation, [&](std::size_t k, std::size_t) {
    try {
      read_rows(columns, parts[k], cancellation);
    } catch (const InvalidInput&) {
      parts[k].wrong = std::current_exception();
    }
  });
  for (const Part& part : parts) {  // the first in order of rows is heard
    if (part.wrong) std::rethrow_exception(part.wrong);
  }
  const Merged merged = merge(parts, cancellation);
  Paths out;
  out.channels = merged.names;
  out.offsets.reserve(rows + 1);
  std::vector<std::size_t> starts;
  std::size_t total = 0;
  for (const Part& part : parts) {
    starts.push_back(total);
    for (const std::uint32_t length : part.lengths) out.offsets.push_back(total += length);
  }
  out.steps.resize(total);
  if (!columns.times.empty()) out.ages.resize(total);
  base::parallel_for(count, 1, 0, cancellation, [&](std::size_t k, std::size_t) {
    const Part& part = parts[k];
    for (std::size_t s = 0; s < part.steps.size(); ++s) out.steps[starts[k] + s] = merged.code_of[k][part.steps[s]];
    if (columns.times.empty()) return;
    std::size_t s = 0;
    for (const std::uint32_t length : part.lengths) {
      const double last = length == 0 ? 0 : part.times[s + length - 1];
      for (std::uint32_t step = 0; step < length; ++step, ++s) out.ages[starts[k] + s] = last - part.times[s];
    }
  });
  take_numbers(columns, out);
  return out;
}

}  // namespace journeykit::attribution
