#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/text_order.hpp"
#include "journeykit/events/detail_log_columns.hpp"

namespace journeykit::events {
namespace {

using base::Booleans;
using base::Category;
using base::Integers;
using base::InvalidInput;
using base::kMissingCode;
using base::kMissingInteger;
using base::quote_safe;
using base::Reals;
using base::Times;
using base::Values;

// Which codes occur.
std::vector<std::atomic<std::uint8_t>> used_codes(const Category& category, const base::Cancellation& cancellation) {
  std::vector<std::atomic<std::uint8_t>> used(category.dictionary->values.size());
  base::parallel_for(category.codes.size(), kRowsAtOnce, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      const std::uint32_t code = category.codes[k];
      if (code == kMissingCode) continue;
      if (used[code].load(std::memory_order_relaxed) == 0) used[code].store(1, std::memory_order_relaxed);
    }
  });
  return used;
}

}  // namespace

std::string role_label(Role role, const std::string& column) {
  return std::string(to_string(role)) + " column " + quote_safe(column);
}

Values as_category(Role role, const std::string& column, const Values& values) {
  if (auto text = base::text_of(values)) return *std::move(text);
  throw InvalidInput(role_label(role, column) +
                     " holds decimal numbers or times; expected text or whole numbers: identifiers lose their form as "
                     "decimals (1 becomes 1.0), so read the column as text");
}

std::span<const std::int64_t> time_values(Role role, const std::string& column, const Values& values) {
  if (const auto* times = std::get_if<Times>(&values)) return times->values;
  throw InvalidInput(role_label(role, column) +
                     " holds no times; expected timestamps (journeykit.read_events converts text and numbers)");
}

std::vector<std::int64_t> order_values(const std::string& column, const Values& values) {
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> out(base::length(values));
  const auto fill = [&](const std::vector<std::int64_t>& from) {
    for (std::size_t k = 0; k < from.size(); ++k) out[k] = from[k] == kMissingInteger ? last : from[k];
  };
  // The bits of a double, read as a whole number, stand in its order; below zero they run backwards.
  const auto ordered_bits = [](double value) {
    const auto bits = std::bit_cast<std::int64_t>(value);
    return bits < 0 ? std::numeric_limits<std::int64_t>::min() - bits : bits;
  };
  if (const auto* integers = std::get_if<Integers>(&values)) {
    fill(integers->values);
  } else if (const auto* times = std::get_if<Times>(&values)) {
    fill(times->values);
  } else if (const auto* reals = std::get_if<Reals>(&values)) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      out[k] = std::isnan(reals->values[k]) ? last : ordered_bits(reals->values[k]);
    }
  } else {
    throw InvalidInput(role_label(Role::Order, column) +
                       " holds text; expected numbers or times that say which event comes first");
  }
  return out;
}

Reals metric_column(const Metric& metric, const Values& values, std::int64_t& out_of_scale) {
  Reals out;
  if (const auto* reals = std::get_if<Reals>(&values)) {
    out = *reals;
  } else if (const auto* integers = std::get_if<Integers>(&values)) {
    for (const std::int64_t v : integers->values) {
      out.values.push_back(v == kMissingInteger ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(v));
    }
  } else {
    throw InvalidInput("metric " + quote_safe(metric.name) + ": column " + quote_safe(metric.column) +
                       " holds no numbers; expected answers on a scale or amounts");
  }
  for (double& v : out.values) {
    if (std::isnan(v)) continue;
    const bool bad =
        metric.kind == MetricKind::Number ? !std::isfinite(v) : v < metric.low || v > metric.high || v != std::floor(v);
    if (bad) {
      v = std::numeric_limits<double>::quiet_NaN();
      ++out_of_scale;
    }
  }
  return out;
}

void check_metrics(const std::vector<Metric>& metrics) {
  for (std::size_t k = 0; k < metrics.size(); ++k) {
    for (std::size_t j = 0; j < k; ++j) {
      if (metrics[j].name == metrics[k].name)
        throw InvalidInput("metric " + quote_safe(metrics[k].name) + " is named twice; choose another name for one");
    }
    if (metrics[k].kind != MetricKind::Number && !(metrics[k].low < metrics[k].high)) {
      throw InvalidInput("metric " + quote_safe(metrics[k].name) + " has the scale " + std::to_string(metrics[k].low) +
                         " to " + std::to_string(metrics[k].high) + "; expected low < high");
    }
  }
}

std::int64_t count_missing(const Values& values) {
  return std::visit(
      [](const auto& v) -> std::int64_t {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, Category>) {
          return std::ranges::count(v.codes, kMissingCode);
        } else if constexpr (std::is_same_v<T, Reals>) {
          return std::ranges::count_if(v.values, [](double x) { return std::isnan(x); });
        } else if constexpr (std::is_same_v<T, Booleans>) {
          return std::ranges::count_if(v.values, [](std::uint8_t x) { return x > 1; });
        } else {
          return std::ranges::count(v.values, kMissingInteger);
        }
      },
      values);
}

std::optional<Category> canonical(const Category& category, const base::Cancellation& cancellation) {
  const auto& old_values = category.dictionary->values;
  const auto used = used_codes(category, cancellation);
  const bool ascending =
      std::ranges::adjacent_find(old_values, std::greater_equal<>{}) == old_values.end();  // no name twice
  if (ascending && std::ranges::all_of(used, [](const auto& u) { return u == 1; })) return std::nullopt;
  std::vector<std::uint32_t> order(old_values.size());
  std::iota(order.begin(), order.end(), 0U);
  if (!ascending) order = base::byte_order(old_values, cancellation);
  auto dictionary = std::make_shared<base::Dictionary>();
  dictionary->values.reserve(old_values.size());
  std::vector<std::uint32_t> new_code(old_values.size(), kMissingCode);
  for (const std::uint32_t code : order) {
    if (used[code] == 0) continue;
    if (dictionary->values.empty() || dictionary->values.back() != old_values[code])
      dictionary->values.push_back(old_values[code]);
    new_code[code] = static_cast<std::uint32_t>(dictionary->values.size() - 1);
  }
  Category out{std::vector<std::uint32_t>(category.codes.size()), std::move(dictionary)};
  base::parallel_for(out.codes.size(), kRowsAtOnce, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      const std::uint32_t code = category.codes[k];
      out.codes[k] = code == kMissingCode ? kMissingCode : new_code[code];
    }
  });
  return out;
}

}  // namespace journeykit::events
