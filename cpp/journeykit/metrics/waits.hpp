// Waits for an answer. Three sources, in this order of choice: a column of waits; from a start touchpoint to the next
// answer touchpoint of the case; the length (end time − time) of the events at the start touchpoints, which must be
// named.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journeykit/events/log.hpp"

namespace journeykit::metrics {

struct WaitRule {
  std::optional<std::string> column;  // seconds or durations; an event without a value is no wait
  std::vector<std::string> start;    // touchpoints where a wait begins; empty: any (column, length) or the case's start
  std::vector<std::string> answer;   // touchpoints that end it; empty: by column or length
  std::vector<std::string> abandon;  // touchpoints or outcome values that say the customer gave up
};

enum class WaitEnd : std::uint8_t {
  Answered,
  Abandoned,   // the log says when
  Unanswered,  // the case is over and no answer came; when the customer gave up is not known
  Open         // still waiting when observation ended
};

struct Wait {
  std::uint32_t event = 0;     // where it began
  std::int64_t length_ns = 0;  // Unanswered: until the last event of the case
  WaitEnd end = WaitEnd::Open;
};

struct Waits {
  std::vector<Wait> waits;      // in log order
  std::int64_t impossible = 0;  // negative or infinite waits of the column, left out
};

// A second start before the answer belongs to the same wait. Throws InvalidInput when nothing says what a wait is,
// NotFound for unknown names.
Waits waits_of(const events::EventLog& log, const WaitRule& rule);

}  // namespace journeykit::metrics
