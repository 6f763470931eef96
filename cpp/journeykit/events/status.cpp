#include "journeykit/events/status.hpp"

#include <algorithm>

#include "journeykit/base/error.hpp"

namespace journeykit::events {

void check_rule(const StatusRule& rule) {
  for (const std::string& value : rule.completed) {
    if (std::ranges::find(rule.failed, value) != rule.failed.end()) {
      throw base::InvalidInput("ending " + base::quote_safe(value) +
                               " is named as completed and as failed; choose one");
    }
  }
  if (rule.idle_ns < 0)
    throw base::InvalidInput(
        "idle is negative; expected how long a case may stay silent before it counts as abandoned");
}

void write(base::ByteWriter& out, const std::optional<StatusRule>& rule) {
  out.count(rule ? 1 : 0);
  if (!rule) return;
  for (const auto* values : {&rule->completed, &rule->failed}) {
    out.count(values->size());
    for (const std::string& value : *values) out.text(value);
  }
  out.number(rule->idle_ns);
  out.number(rule->observed_until_ns);
}

std::optional<StatusRule> read_rule(base::ByteReader& in) {
  if (in.count_below(2) == 0) return std::nullopt;
  StatusRule rule;
  for (auto* values : {&rule.completed, &rule.failed}) {
    for (std::uint64_t left = in.length(); left > 0; --left) values->push_back(in.text());
  }
  rule.idle_ns = in.number();
  rule.observed_until_ns = in.number();
  check_rule(rule);
  return rule;
}

}  // namespace journeykit::events
