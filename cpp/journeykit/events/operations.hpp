// What can be done with a log: each function returns a new log that obeys the same order and rules, and throws
// InvalidInput when nothing would be left or an argument has the wrong length.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journeykit/events/log.hpp"

namespace journeykit::events {

// keep: 0 or 1 per event or case, in log order.
EventLog select_events(const EventLog& log, const std::vector<std::uint8_t>& keep);
EventLog select_cases(const EventLog& log, const std::vector<std::uint8_t>& keep);
// A new name for each touchpoint of touchpoint_names(); equal names become one touchpoint.
EventLog with_touchpoints(const EventLog& log, const std::vector<std::string>& names);
// Adds or replaces an attribute, in log order.
EventLog with_column(const EventLog& log, const std::string& name, base::Values values);
EventLog with_metric(const EventLog& log, Metric metric);
EventLog with_endings(const EventLog& log, Endings endings);
// Until when the log was observed, for the question which cases are still open.
EventLog with_observed_until(const EventLog& log, std::int64_t until_ns);
// Runs of one touchpoint inside a case become their first event; its end time becomes the last one's.
EventLog collapse_repeats(const EventLog& log);
// Cuts each case where more than gap_ns pass between two events: case ids become "<id>#1", "<id>#2", …; the old id
// becomes the customer where the log has none.
EventLog sessions(const EventLog& log, std::int64_t gap_ns);
// The `cases` whose hash of (seed, id) is smallest: the same for any row order.
EventLog sample(const EventLog& log, std::size_t cases, std::uint64_t seed);
// 1 where the column holds one of the texts (a category column), in log order.
std::vector<std::uint8_t> events_with(const EventLog& log, const std::string& column,
                                      const std::vector<std::string>& values);

}  // namespace journeykit::events
