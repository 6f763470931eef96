#include "journeykit/metrics/waits.hpp"

#include <algorithm>
#include <cmath>

#include "journeykit/base/error.hpp"
#include "journeykit/metrics/detail_elapsed.hpp"
#include "journeykit/metrics/groups.hpp"

namespace journeykit::metrics {
namespace {

using base::kMissingCode;
using base::kMissingInteger;
using events::CaseStatus;
using events::EventLog;
using events::Role;

// 1 for each event that says the customer gave up.
std::vector<std::uint8_t> abandonments(const EventLog& log, const std::vector<std::string>& values) {
  std::vector<std::uint8_t> out(log.event_count(), 0);
  if (values.empty()) return out;
  const auto mark = [&](const base::Category& column, const std::string& value) {
    const auto code = column.dictionary->find(value);
    if (!code) return false;
    for (std::size_t k = 0; k < out.size(); ++k) {
      if (column.codes[k] == *code) out[k] = 1;
    }
    return true;
  };
  for (const std::string& value : values) {
    const bool touchpoint = mark(log.category(Role::Touchpoint), value);
    const bool outcome = log.has(Role::Outcome) && mark(log.category(Role::Outcome), value);
    if (!touchpoint && !outcome) {
      throw base::NotFound(base::not_found_message("abandon value", value, "the touchpoints and outcomes of the log",
                                                   log.touchpoint_names()));
    }
  }
  return out;
}

// Nanoseconds of each row; kMissingInteger where none, −1 where impossible.
std::vector<std::int64_t> lengths(const base::Column& column) {
  constexpr double longest_s = 9e9;  // 285 years
  if (const auto* durations = std::get_if<base::Durations>(column.values.get())) {
    std::vector<std::int64_t> out = durations->values;
    for (auto& v : out) {
      if (v != kMissingInteger && v < 0) v = -1;
    }
    return out;
  }
  std::vector<std::int64_t> out;
  const auto add = [&](double seconds) {
    out.push_back(seconds >= 0 && seconds <= longest_s ? std::llround(seconds * 1e9) : -1);
  };
  if (const auto* reals = std::get_if<base::Reals>(column.values.get())) {
    for (const double v : reals->values) {
      if (std::isnan(v)) {
        out.push_back(kMissingInteger);
      } else {
        add(v);
      }
    }
  } else if (const auto* integers = std::get_if<base::Integers>(column.values.get())) {
    for (const std::int64_t v : integers->values) {
      if (v == kMissingInteger) {
        out.push_back(kMissingInteger);
      } else {
        add(static_cast<double>(v));
      }
    }
  } else {
    throw base::InvalidInput("wait column " + base::quote_safe(column.name) +
                             " holds neither numbers nor durations; expected seconds or durations");
  }
  return out;
}

Waits by_column(const EventLog& log, const WaitRule& rule) {
  Waits out;
  const auto length = lengths(log.table().at(*rule.column));
  const auto mask = touchpoint_mask(log, rule.start);
  const auto gave_up = abandonments(log, rule.abandon);
  const auto touchpoints = log.touchpoints();
  for (std::size_t k = 0; k < length.size(); ++k) {
    if (length[k] == kMissingInteger || mask[touchpoints[k]] == 0) continue;
    if (length[k] < 0) {
      ++out.impossible;
      continue;
    }
    out.waits.push_back(
        {static_cast<std::uint32_t>(k), length[k], gave_up[k] != 0 ? WaitEnd::Abandoned : WaitEnd::Answered});
  }
  return out;
}

// An event without an end time is still going on when its case is open; in a closed case its end was not written down.
Waits by_length(const EventLog& log, const WaitRule& rule) {
  Waits out;
  const auto mask = touchpoint_mask(log, rule.start);
  const auto gave_up = abandonments(log, rule.abandon);
  const auto touchpoints = log.touchpoints();
  const auto times = log.times();
  const auto ends = log.end_times();
  const auto status = events::case_status(log);
  const auto& cases = log.category(Role::Case).codes;
  for (std::size_t k = 0; k < times.size(); ++k) {
    if (mask[touchpoints[k]] == 0) continue;
    const auto event = static_cast<std::uint32_t>(k);
    if (ends[k] != kMissingInteger) {
      out.waits.push_back({event, ends[k] - times[k], gave_up[k] != 0 ? WaitEnd::Abandoned : WaitEnd::Answered});
    } else if (status[cases[k]] == CaseStatus::Open) {
      out.waits.push_back({event, elapsed_ns(times[k], log.observed_until_ns()), WaitEnd::Open});
    }
  }
  return out;
}

Waits to_answer(const EventLog& log, const WaitRule& rule) {
  Waits out;
  const bool from_start = rule.start.empty();
  const auto starts = touchpoint_mask(log, rule.start);
  const auto answers = touchpoint_mask(log, rule.answer);
  const auto gave_up = abandonments(log, rule.abandon);
  const auto touchpoints = log.touchpoints();
  const auto times = log.times();
  const auto offsets = log.case_offsets();
  const auto status = events::case_status(log);
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    std::size_t begun = 0;
    bool waiting = false;
    const auto finish = [&](std::size_t k, WaitEnd end) {
      out.waits.push_back({static_cast<std::uint32_t>(begun), times[k] - times[begun], end});
      waiting = false;
    };
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      if (waiting && answers[touchpoints[k]] != 0) {
        finish(k, WaitEnd::Answered);
      } else if (waiting && gave_up[k] != 0) {
        finish(k, WaitEnd::Abandoned);
      }
      const bool starts_here = from_start ? k == offsets[c] : starts[touchpoints[k]] != 0;
      if (waiting || !starts_here) continue;
      waiting = true;
      begun = k;
      if (from_start && answers[touchpoints[k]] != 0) finish(k, WaitEnd::Answered);  // the case began with the answer
    }
    if (!waiting) continue;
    if (status[c] == CaseStatus::Open) {
      const std::int64_t so_far = elapsed_ns(times[begun], log.observed_until_ns());
      out.waits.push_back({static_cast<std::uint32_t>(begun), so_far, WaitEnd::Open});
    } else {
      finish(offsets[c + 1] - 1, WaitEnd::Unanswered);
    }
  }
  return out;
}

}  // namespace

Waits waits_of(const EventLog& log, const WaitRule& rule) {
  if (rule.column && !rule.answer.empty()) {
    throw base::InvalidInput("a wait is measured by a column or up to an answer touchpoint; give one of the two");
  }
  if (rule.column) return by_column(log, rule);
  if (!rule.answer.empty()) return to_answer(log, rule);
  if (log.has(Role::EndTime) && !rule.start.empty()) return by_length(log, rule);
  throw base::InvalidInput(
      "nothing says what a wait is: name the answer touchpoints (answer=[…]), a column of waits in seconds (column=…), "
      "or, in a "
      "log with end times, the touchpoints whose length is the wait (start=[…])");
}

}  // namespace journeykit::metrics
