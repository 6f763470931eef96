// Contacts of customers and the chains they form: a contact that follows another of the same customer and issue within
// the window repeats it. Events within `join_ns` of each other (a transfer) are one contact.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journeykit/events/log.hpp"

namespace journeykit::metrics {

struct ContactRule {
  std::vector<std::string> touchpoints;  // each event there is a contact; empty: each case is one, at its start
  std::optional<std::string> issue;      // role or column that says what the contact is about; unset: any issue
  std::int64_t join_ns = 900'000'000'000;
};

struct Contact {
  std::uint32_t event = 0;     // its first event, in log order
  std::uint32_t customer = 0;  // code of events::customers()
  std::uint32_t issue = 0;     // kMissingCode: unknown, which counts as one issue
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;  // of its last joined event
};

// Ordered by customer, issue, start. Without a customer column and without touchpoints no customer could ever come
// back: throws InvalidInput. The issue of an event without one is the first known of its case.
std::vector<Contact> contacts_of(const events::EventLog& log, const ContactRule& rule);
// True where contact k has the same customer and issue as contact k − 1.
bool same_chain(const std::vector<Contact>& contacts, std::size_t k);

}  // namespace journeykit::metrics
