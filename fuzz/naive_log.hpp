// An event log written down plainly: rows drawn from bytes, and what EventLog::make promises about them, worked out
// the slow way.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "journeykit/events/log.hpp"
#include "support.hpp"

namespace journeykit::fuzz {

struct Row {
  std::optional<std::string> case_id, touchpoint, customer;
  std::int64_t time = base::kMissingInteger, end = base::kMissingInteger;
  std::tuple<bool, std::int64_t, double> order{};  // missing last
  double score = 0;
  bool complete() const { return case_id && touchpoint && time != base::kMissingInteger; }
};

struct Input {
  std::vector<Row> rows;
  bool ends = false, customers = false, scores = false, drop_missing = false;
  enum class Order { None, Integers, Reals, Times } order = Order::None;
  bool integer_cases = false;
  std::optional<std::int64_t> idle_ns, observed_until_ns;
};

inline std::optional<std::string> drawn_text(Bytes& bytes, const std::vector<std::string>& pool) {
  const std::uint8_t byte = bytes.byte();
  if (byte == 255) return std::nullopt;
  return pool[byte % pool.size()];
}

// Mostly a few small numbers, so that they tie; sometimes any at all.
inline std::int64_t drawn_time(Bytes& bytes) {
  const std::uint8_t byte = bytes.byte();
  if (byte == 255) return base::kMissingInteger;
  if (byte == 254) return bytes.integer();
  if (byte == 253) return std::numeric_limits<std::int64_t>::max();
  if (byte == 252) return std::numeric_limits<std::int64_t>::min() + 1;
  if (byte >= 240) return 1'700'000'000'000'000'000 + byte;
  return byte % 24;
}

inline Input drawn_input(Bytes& bytes) {
  static const std::vector<std::string> cases = {"1", "01", "a", "a#1", "", "NA", "客户", "b", "a#10", "null"};
  static const std::vector<std::string> touchpoints = {"Call", "call", "Chat", "", " ", "Web → Call", "NaN"};
  static const std::vector<std::string> customers = {"ann", "bob", "1", ""};
  Input out;
  const std::uint8_t flags = bytes.byte(), more = bytes.byte();
  out.ends = (flags & 1U) != 0;
  out.customers = (flags & 2U) != 0;
  out.scores = (flags & 4U) != 0;
  out.drop_missing = (flags & 8U) != 0;
  out.order = static_cast<Input::Order>((flags >> 4U) % 4);
  out.integer_cases = (flags & 64U) != 0;
  if ((more & 1U) != 0) out.idle_ns = std::abs(static_cast<std::int64_t>(bytes.byte()));
  if ((more & 2U) != 0) out.observed_until_ns = drawn_time(bytes);
  while (!bytes.empty()) {
    Row row;
    row.case_id = drawn_text(bytes, cases);
    if (out.integer_cases && row.case_id) row.case_id = std::to_string(static_cast<int>(row.case_id->size()) - 2);
    row.touchpoint = drawn_text(bytes, touchpoints);
    row.time = drawn_time(bytes);
    if (out.ends) row.end = drawn_time(bytes);
    if (out.customers) row.customer = drawn_text(bytes, customers);
    if (out.scores) {
      static const std::vector<double> scores = {0, 10, 5, 7.5, -1, 11, std::nan(""), INFINITY, -0.0};
      row.score = scores[bytes.below(scores.size())];
    }
    if (out.order == Input::Order::Reals) {
      static const std::vector<double> orders = {0, -0.0, 1, -1, 1e300, -INFINITY, INFINITY, std::nan("")};
      const double order = orders[bytes.below(orders.size())];
      const bool last = std::isnan(order);
      row.order = {last, 0, last ? 0 : order};
    } else if (out.order != Input::Order::None) {
      const std::int64_t order = drawn_time(bytes);
      const bool last = order == base::kMissingInteger || order == std::numeric_limits<std::int64_t>::max();
      row.order = {last, last ? 0 : order, 0};
    }
    out.rows.push_back(std::move(row));
  }
  return out;
}

// A dictionary as a careless producer makes it: unsorted, with names that no row has, or that stand twice.
inline base::Values text_column(const std::vector<Row>& rows, std::optional<std::string> Row::*member) {
  auto dictionary = std::make_shared<base::Dictionary>(base::Dictionary{{"zz never", "Call", "Call"}});
  std::map<std::string, std::vector<std::uint32_t>> codes = {{"Call", {1, 2}}};
  base::Category out;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const std::optional<std::string>& text = rows[k].*member;
    if (!text) {
      out.codes.push_back(base::kMissingCode);
      continue;
    }
    auto& known = codes[*text];
    if (known.empty()) {
      known.push_back(static_cast<std::uint32_t>(dictionary->values.size()));
      dictionary->values.push_back(*text);
    }
    out.codes.push_back(known[k % known.size()]);
  }
  out.dictionary = std::move(dictionary);
  return out;
}

inline events::EventLog make(const Input& input, const std::vector<Row>& rows) {
  using events::Role;
  base::Table table;
  events::LogOptions options;
  base::Times times, ends, order_times;
  base::Integers order_integers, case_integers;
  base::Reals order_reals, scores;
  for (const Row& row : rows) {
    const auto [last, integer, real] = row.order;
    times.values.push_back(row.time);
    ends.values.push_back(row.end);
    order_times.values.push_back(last ? base::kMissingInteger : integer);
    order_integers.values.push_back(last ? base::kMissingInteger : integer);
    order_reals.values.push_back(last ? std::nan("") : real);
    case_integers.values.push_back(input.integer_cases && row.case_id ? std::stoll(*row.case_id)
                                                                      : base::kMissingInteger);
    scores.values.push_back(row.score);
  }
  table.add("touchpoint", text_column(rows, &Row::touchpoint));
  table.add("case", input.integer_cases ? base::Values(case_integers) : text_column(rows, &Row::case_id));
  table.add("time", times);
  options.role(Role::Case) = "case";
  options.role(Role::Touchpoint) = "touchpoint";
  options.role(Role::Time) = "time";
  if (input.ends) {
    table.add("end", ends);
    options.role(Role::EndTime) = "end";
  }
  if (input.customers) {
    table.add("customer", text_column(rows, &Row::customer));
    options.role(Role::Customer) = "customer";
  }
  if (input.order != Input::Order::None) {
    table.add("order", input.order == Input::Order::Times   ? base::Values(order_times)
                       : input.order == Input::Order::Reals ? base::Values(order_reals)
                                                            : base::Values(order_integers));
    options.role(Role::Order) = "order";
  }
  if (input.scores) {
    table.add("score", scores);
    options.metrics.push_back({"score", "score", events::MetricKind::Nps, 0, 10, true});
  }
  options.drop_missing = input.drop_missing;
  options.endings.idle_ns = input.idle_ns;
  options.observed_until_ns = input.observed_until_ns;
  return events::EventLog::make(std::move(table), std::move(options));
}

__extension__ using Wide = __int128;

inline bool fits(Wide value) {
  return value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max();
}

struct NaiveLog {
  std::vector<Row> rows;                // in log order
  std::vector<std::vector<Row>> cases;  // the same, by case
  events::Quality quality;
  bool refused = false;
};

inline NaiveLog naive_log(const Input& input, const std::vector<Row>& given) {
  NaiveLog out;
  out.quality.rows_read = static_cast<std::int64_t>(given.size());
  std::map<std::string, std::int64_t> newest;
  Wide first = std::numeric_limits<std::int64_t>::max(), last = std::numeric_limits<std::int64_t>::min();
  for (const Row& row : given) {
    if (!row.complete()) {
      ++out.quality.rows_dropped;
      continue;
    }
    const auto [at, is_new] = newest.emplace(*row.case_id, row.time);
    if (!is_new && row.time < at->second) ++out.quality.out_of_order_rows;
    at->second = std::max(at->second, row.time);
    first = std::min<Wide>(first, row.time);
    last = std::max<Wide>(last, row.time);
    out.rows.push_back(row);
  }
  if (out.quality.rows_dropped > 0 && !input.drop_missing) out.refused = true;
  if (!out.rows.empty() && !fits(last - first)) out.refused = true;
  const auto key = [](const Row& row) { return std::tie(*row.case_id, row.time, row.order); };
  std::stable_sort(out.rows.begin(), out.rows.end(), [&](const Row& a, const Row& b) { return key(a) < key(b); });
  for (std::size_t k = 0; k < out.rows.size(); ++k) {
    Row& row = out.rows[k];
    if (row.end != base::kMissingInteger && row.end < row.time) {
      row.end = base::kMissingInteger;
      ++out.quality.ends_before_start;
    }
    const bool same_case = k > 0 && *out.rows[k - 1].case_id == *row.case_id;
    if (same_case && key(out.rows[k - 1]) == key(row)) ++out.quality.tied_events;
    if (same_case && out.rows[k - 1].time == row.time && *out.rows[k - 1].touchpoint == *row.touchpoint) {
      ++out.quality.duplicate_events;
    }
    if (!same_case) out.cases.emplace_back();
    out.cases.back().push_back(row);
  }
  return out;
}

}  // namespace journeykit::fuzz
