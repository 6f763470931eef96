// What can be done with a log: each function returns a new log that obeys the same order and rules, and throws
// InvalidInput when nothing would be left or an argument has the wrong length.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journeykit/events/log.hpp"

namespace journeykit::events {

// keep: 0 or 1 per event or case, in log order.
EventLog select_events(const EventLog& log, const std::vector<std::uint8_t>& keep,
                       const base::Cancellation& cancellation = {});
EventLog select_cases(const EventLog& log, const std::vector<std::uint8_t>& keep,
                      const base::Cancellation& cancellation = {});
// A new name for each touchpoint of touchpoint_names(); equal names become one touchpoint.
EventLog with_touchpoints(const EventLog& log, const std::vector<std::string>& names,
                          const base::Cancellation& cancellation = {});
// Adds or replaces an attribute, in log order.
EventLog with_column(const EventLog& log, const std::string& name, base::Values values,
                     const base::Cancellation& cancellation = {});
EventLog with_metric(const EventLog& log, Metric metric, const base::Cancellation& cancellation = {});
EventLog with_endings(const EventLog& log, Endings endings, const base::Cancellation& cancellation = {});
// Until when the log was observed, for the question which cases are still open.
EventLog with_observed_until(const EventLog& log, std::int64_t until_ns, const base::Cancellation& cancellation = {});
// Runs of one touchpoint inside a case become their first event; its end time becomes the last one's.
EventLog collapse_repeats(const EventLog& log, const base::Cancellation& cancellation = {});
// Cuts each case where more than gap_ns pass between two events: case ids become "<id>#1", "<id>#2", …; the old id
// becomes the customer where the log has none.
EventLog sessions(const EventLog& log, std::int64_t gap_ns, const base::Cancellation& cancellation = {});
// The `cases` whose hash of (seed, id) is smallest: the same for any row order.
EventLog sample(const EventLog& log, std::size_t cases, std::uint64_t seed,
                const base::Cancellation& cancellation = {});
// 1 where the column holds one of the texts (a category column), in log order.
std::vector<std::uint8_t> events_with(const EventLog& log, const std::string& column,
                                      const std::vector<std::string>& values);

}  // namespace journeykit::events
