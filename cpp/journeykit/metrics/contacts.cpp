#include "journeykit/metrics/contacts.hpp"

#include <algorithm>
#include <tuple>

#include "journeykit/base/error.hpp"
#include "journeykit/metrics/groups.hpp"

namespace journeykit::metrics {
namespace {

using base::kMissingCode;
using events::EventLog;

// Issue code per event, missing ones filled from the first known of the case.
std::vector<std::uint32_t> issues(const EventLog& log, const std::optional<std::string>& column) {
  if (!column) return std::vector<std::uint32_t>(log.event_count(), 0);
  std::vector<std::uint32_t> codes = coded_column(log, *column).codes;
  const auto offsets = log.case_offsets();
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    const auto begin = codes.begin() + static_cast<std::ptrdiff_t>(offsets[c]);
    const auto end = codes.begin() + static_cast<std::ptrdiff_t>(offsets[c + 1]);
    const auto known = std::find_if(begin, end, [](std::uint32_t code) { return code != kMissingCode; });
    if (known != end) std::replace(begin, end, kMissingCode, *known);
  }
  return codes;
}

std::int64_t end_of(const EventLog& log, std::span<const std::int64_t> ends, std::size_t event) {
  const std::int64_t start = log.times()[event];
  return ends.empty() || ends[event] == base::kMissingInteger ? start : ends[event];
}

// True when `later` begins at most `limit` after `end` (times are less than 2^63 ns apart: the log checks its span).
bool within(std::int64_t end, std::int64_t later, std::int64_t limit) { return later <= end || later - end <= limit; }

}  // namespace

bool same_chain(const std::vector<Contact>& contacts, std::size_t k) {
  return k > 0 && contacts[k].customer == contacts[k - 1].customer && contacts[k].issue == contacts[k - 1].issue;
}

std::vector<Contact> contacts_of(const EventLog& log, const ContactRule& rule) {
  if (rule.join_ns < 0)
    throw base::InvalidInput("join is negative; expected how near two events of one contact stand, such as '15min'");
  if (!log.has(events::Role::Customer) && rule.touchpoints.empty()) {
    throw base::InvalidInput(
        "each case is its own customer in this log, so no case can follow another; name the customer column "
        "(read_events(…, customer=…)) or the contact touchpoints (touchpoints=[…])");
  }
  const auto offsets = log.case_offsets();
  const auto times = log.times();
  const auto ends = log.end_times();
  const auto touchpoints = log.touchpoints();
  const auto mask = touchpoint_mask(log, rule.touchpoints);
  const auto who = events::customers(log);
  const auto issue = issues(log, rule.issue);
  std::vector<Contact> found;
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    const std::size_t last = rule.touchpoints.empty() ? offsets[c] + 1 : offsets[c + 1];
    for (std::size_t k = offsets[c]; k < last; ++k) {
      if (mask[touchpoints[k]] == 0) continue;
      found.push_back({static_cast<std::uint32_t>(k), who.of_case[c], issue[k], times[k], end_of(log, ends, k)});
    }
  }
  std::ranges::sort(found, [](const Contact& a, const Contact& b) {
    return std::tie(a.customer, a.issue, a.start_ns, a.event) < std::tie(b.customer, b.issue, b.start_ns, b.event);
  });
  std::vector<Contact> joined;
  for (const Contact& contact : found) {
    Contact* before = joined.empty() ? nullptr : &joined.back();
    if (before != nullptr && before->customer == contact.customer && before->issue == contact.issue &&
        within(before->end_ns, contact.start_ns, rule.join_ns)) {
      before->end_ns = std::max(before->end_ns, contact.end_ns);
    } else {
      joined.push_back(contact);
    }
  }
  return joined;
}

}  // namespace journeykit::metrics
