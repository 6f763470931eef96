#include "journeykit/metrics/groups.hpp"

#include <algorithm>
#include <optional>

#include "journeykit/base/error.hpp"

namespace journeykit::metrics {
namespace {

using base::Category;
using base::kMissingCode;
using base::Values;
using events::EventLog;

std::optional<events::Role> role_named(const std::string& name) {
  for (std::size_t k = 0; k < events::kRoleCount; ++k) {
    const auto role = static_cast<events::Role>(k);
    if (events::to_string(role) == name) return role;
  }
  return std::nullopt;
}

const base::Column& find_column(const EventLog& log, const std::string& name) {
  const auto role = role_named(name);
  if (role && log.has(*role)) return log.table().at(*log.options().role(*role));
  if (const base::Column* column = log.table().find(name)) return *column;
  if (role) log.values(*role);  // throws with the way to name the role
  throw base::NotFound(base::not_found_message("column", name, "the log", log.table().names()));
}

template <class T>
Coded coded_numbers(const std::vector<T>& numbers, T missing) {
  Coded out;
  std::vector<T> values = numbers;
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  std::erase(values, missing);
  out.codes.reserve(numbers.size());
  for (const T number : numbers) {
    out.codes.push_back(number == missing
                            ? kMissingCode
                            : static_cast<std::uint32_t>(std::ranges::lower_bound(values, number) - values.begin()));
  }
  if constexpr (std::is_same_v<T, std::int64_t>) {
    out.values = base::Integers{std::move(values)};
  } else {
    out.values = base::Booleans{std::move(values)};
  }
  return out;
}

Coded of_category(const Category& category) {
  Category values{{}, category.dictionary};
  for (std::uint32_t code = 0; code < category.dictionary->values.size(); ++code) values.codes.push_back(code);
  return {category.codes, std::move(values)};
}

Coded of_stages(const EventLog& log, const std::vector<std::string>& stages) {
  if (stages.size() != log.touchpoint_names().size()) {
    throw base::InvalidInput("got " + std::to_string(stages.size()) +
                             " stage names; expected one per touchpoint of the log (" +
                             std::to_string(log.touchpoint_names().size()) + ")");
  }
  std::vector<std::string> named;
  for (const std::string& stage : stages) {
    if (!stage.empty()) named.push_back(stage);
  }
  const Category names = base::categorize(named);
  std::vector<std::uint32_t> stage_of(stages.size(), kMissingCode);
  std::size_t next = 0;
  for (std::size_t t = 0; t < stages.size(); ++t) {
    if (!stages[t].empty()) stage_of[t] = names.codes[next++];
  }
  Coded out = of_category(names);
  out.codes.clear();
  for (const std::uint32_t touchpoint : log.touchpoints()) out.codes.push_back(stage_of[touchpoint]);
  return out;
}

Coded of_status(const EventLog& log) {
  auto names = std::make_shared<base::Dictionary>();
  for (const auto status : {events::CaseStatus::Completed, events::CaseStatus::Failed, events::CaseStatus::Abandoned,
                            events::CaseStatus::Open}) {
    names->values.emplace_back(events::to_string(status));
  }
  Coded out = of_category({{}, names});
  const auto status = events::case_status(log);
  for (const std::uint32_t c : log.category(events::Role::Case).codes)
    out.codes.push_back(static_cast<std::uint32_t>(status[c]));
  return out;
}

Coded of_windows(const EventLog& log, const std::vector<std::int64_t>& starts, WindowOf window) {
  if (!std::ranges::is_sorted(starts)) throw base::InvalidInput("window starts must ascend");
  Coded out{{}, base::Times{starts}};
  const auto times = log.times();
  const auto offsets = log.case_offsets();
  const auto& cases = log.category(events::Role::Case).codes;
  out.codes.reserve(times.size());
  for (std::size_t k = 0; k < times.size(); ++k) {
    const std::int64_t time = window == WindowOf::Event ? times[k] : times[offsets[cases[k]]];
    const auto after = std::ranges::upper_bound(starts, time) - starts.begin();
    out.codes.push_back(after == 0 ? kMissingCode : static_cast<std::uint32_t>(after - 1));
  }
  return out;
}

// The pairs that occur, ascending; `each` visits them all. A table of all pairs costs less than sorting, while it is
// not much longer than the log.
template <class Each>
std::vector<std::uint64_t> distinct(std::uint64_t below, std::size_t visits, const Each& each) {
  std::vector<std::uint64_t> pairs;
  constexpr std::uint64_t small = std::uint64_t{1} << 20U;
  if (below > small && below / 8 > visits) {
    each([&](std::size_t, std::uint64_t pair) { pairs.push_back(pair); });
    std::ranges::sort(pairs);
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    return pairs;
  }
  std::vector<std::uint8_t> seen(below, 0);
  each([&](std::size_t, std::uint64_t pair) { seen[pair] = 1; });
  for (std::uint64_t pair = 0; pair < below; ++pair) {
    if (seen[pair] != 0) pairs.push_back(pair);
  }
  return pairs;
}

// Divides the groups further by one more key: codes become dense again, in the order (group, key).
void divide(std::vector<std::uint32_t>& group, std::uint32_t& count, const Coded& key,
            std::vector<std::vector<std::uint32_t>>& keys_of_group, const base::Cancellation& cancellation) {
  const auto width = static_cast<std::uint64_t>(base::length(key.values)) + 1;
  const auto each = [&](const auto& visit) {  // visit(event, pair)
    constexpr std::size_t between_questions = std::size_t{1} << 16U;
    for (std::size_t k = 0; k < group.size(); ++k) {
      if (k % between_questions == 0) cancellation.check();
      if (group[k] != kMissingCode)
        visit(k, group[k] * width + (key.codes[k] == kMissingCode ? width - 1 : key.codes[k]));
    }
  };
  const std::vector<std::uint64_t> pairs = distinct(count * width, group.size(), each);
  each([&](std::size_t k, std::uint64_t pair) {
    group[k] = static_cast<std::uint32_t>(std::ranges::lower_bound(pairs, pair) - pairs.begin());
  });
  for (auto& codes : keys_of_group) {
    std::vector<std::uint32_t> finer;
    for (const std::uint64_t pair : pairs) finer.push_back(codes[pair / width]);
    codes = std::move(finer);
  }
  std::vector<std::uint32_t> last;
  for (const std::uint64_t pair : pairs)
    last.push_back(pair % width == width - 1 ? kMissingCode : static_cast<std::uint32_t>(pair % width));
  keys_of_group.push_back(std::move(last));
  count = static_cast<std::uint32_t>(pairs.size());
}

// The key's value of each group.
Values pick(const Values& values, const std::vector<std::uint32_t>& codes) {
  return std::visit(
      [&](const auto& v) -> Values {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, Category>) {
          return Category{codes, v.dictionary};
        } else {
          T out;
          for (const std::uint32_t code : codes) {
            if (code != kMissingCode) {
              out.values.push_back(v.values[code]);
            } else if constexpr (std::is_same_v<T, base::Booleans>) {
              out.values.push_back(2);
            } else if constexpr (std::is_same_v<T, base::Reals>) {
              out.values.push_back(std::numeric_limits<double>::quiet_NaN());
            } else {
              out.values.push_back(base::kMissingInteger);
            }
          }
          return out;
        }
      },
      values);
}

}  // namespace

Coded coded_column(const EventLog& log, const std::string& role_or_column) {
  const base::Column& column = find_column(log, role_or_column);
  if (const auto* category = std::get_if<Category>(column.values.get())) return of_category(*category);
  if (const auto* integers = std::get_if<base::Integers>(column.values.get()))
    return coded_numbers(integers->values, base::kMissingInteger);
  if (const auto* booleans = std::get_if<base::Booleans>(column.values.get()))
    return coded_numbers(booleans->values, std::uint8_t{2});
  throw base::InvalidInput("column " + base::quote_safe(column.name) +
                           " holds decimals or times; expected text, whole numbers or booleans: bin it into a text "
                           "column first, or use window= for calendar time");
}

std::vector<std::uint8_t> touchpoint_mask(const EventLog& log, const std::vector<std::string>& touchpoints) {
  const auto& names = log.touchpoint_names();
  std::vector<std::uint8_t> mask(names.size(), touchpoints.empty() ? 1 : 0);
  for (const std::string& touchpoint : touchpoints) {
    const auto at = std::ranges::find(names, touchpoint);
    if (at == names.end()) throw base::NotFound(base::not_found_message("touchpoint", touchpoint, "the log", names));
    mask[static_cast<std::size_t>(at - names.begin())] = 1;
  }
  return mask;
}

Groups group_events(const EventLog& log, const By& by, WindowOf window, const std::vector<std::uint8_t>& mask,
                    const base::Cancellation& cancellation) {
  Groups out;
  const auto touchpoints = log.touchpoints();
  out.of_event.resize(touchpoints.size());
  for (std::size_t k = 0; k < touchpoints.size(); ++k) out.of_event[k] = mask[touchpoints[k]] != 0 ? 0 : kMissingCode;
  out.count = 1;
  std::vector<std::vector<std::uint32_t>> keys_of_group;
  std::vector<std::pair<std::string, Values>> columns;
  const auto add = [&](const std::string& name, Coded key) {
    cancellation.check();
    divide(out.of_event, out.count, key, keys_of_group, cancellation);
    columns.emplace_back(name, std::move(key.values));
  };
  for (const GroupKey& key : by.keys) {
    switch (key.kind) {
      case KeyKind::Column:
        add(key.name, coded_column(log, key.name));
        break;
      case KeyKind::Stage:
        add(key.name, of_stages(log, by.stages));
        break;
      case KeyKind::CaseStatus:
        add(key.name, of_status(log));
        break;
    }
  }
  if (!by.window_starts_ns.empty()) add("window", of_windows(log, by.window_starts_ns, window));
  out.keys.rows = out.count;
  for (std::size_t k = 0; k < columns.size(); ++k)
    out.keys.add(columns[k].first, pick(columns[k].second, keys_of_group[k]));
  return out;
}

}  // namespace journeykit::metrics
