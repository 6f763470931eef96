// How cases end by rules other than the log's own: what parts of one log need, which cannot know the whole log's end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "journeykit/base/bytes.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::events {

struct StatusRule {
  std::vector<std::string> completed, failed;  // as in Endings; need not occur in every part
  std::int64_t idle_ns = 0;
  std::int64_t observed_until_ns = 0;
  bool operator==(const StatusRule&) const = default;
};

// Status of each case, shape (n_cases,).
std::vector<CaseStatus> case_status(const EventLog& log, const StatusRule& rule);
// Throws InvalidInput for an ending in both lists or a negative idle limit.
void check_rule(const StatusRule& rule);

void write(base::ByteWriter& out, const std::optional<StatusRule>& rule);
std::optional<StatusRule> read_rule(base::ByteReader& in);

}  // namespace journeykit::events
