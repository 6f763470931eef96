#include "journeykit/scoring/signs.hpp"

#include <algorithm>
#include <map>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/ranks.hpp"

namespace journeykit::scoring {
namespace {

using events::CaseStatus;
using events::EventLog;
using events::Role;

std::vector<std::uint32_t> stages_of_touchpoints(const journey::JourneyMap& map, const EventLog& log) {
  std::map<std::string, std::uint32_t> position;
  for (const journey::Stage& stage : map.stages())
    position.emplace(stage.id, static_cast<std::uint32_t>(position.size()));
  std::vector<std::uint32_t> out;
  for (const std::string& name : log.touchpoint_names()) {
    if (!map.has_touchpoint(name)) {
      std::vector<std::string> ids;
      for (const journey::Touchpoint& touchpoint : map.touchpoints()) ids.push_back(touchpoint.id);
      throw base::NotFound(base::not_found_message("touchpoint", name, "the map", ids) +
                           "; load the log onto the map first: discover(log, like=map)");
    }
    const auto at = position.find(map.touchpoint(name).stage);
    out.push_back(at == position.end() ? kNowhere : at->second);
  }
  return out;
}

std::int64_t end_of(const EventLog& log, std::size_t k) {
  const auto ends = log.end_times();
  return ends.empty() || ends[k] == base::kMissingInteger ? log.times()[k] : ends[k];
}

// From the end of event k to the start of the next; overlapping events do not wait.
std::int64_t wait_ns(const EventLog& log, std::size_t k) {
  return std::max<std::int64_t>(0, log.times()[k + 1] - end_of(log, k));
}

// work(begin, end) for stretches of cases, several at the same time.
template <class Work>
void for_cases(const EventLog& log, const Work& work) {
  constexpr std::size_t cases_at_once = 16'384;
  base::parallel_for(log.case_count(), cases_at_once, 0, {}, work);
}

// The 90th percentile (nearest rank) of all waits; the largest number when there is none.
std::int64_t usual_long_wait(const EventLog& log) {
  const auto offsets = log.case_offsets();
  std::vector<std::int64_t> waits(log.event_count() - log.case_count());  // every event but the last of each case
  if (waits.empty()) return std::numeric_limits<std::int64_t>::max();
  for_cases(log, [&](std::size_t begin, std::size_t end) {
    std::size_t at = offsets[begin] - begin;
    for (std::size_t c = begin; c < end; ++c) {
      for (std::size_t k = offsets[c]; k + 1 < offsets[c + 1]; ++k) waits[at++] = wait_ns(log, k);
    }
  });
  const std::size_t rank = (waits.size() * 90 + 99) / 100 - 1;
  return base::at_ranks(waits, std::span(&rank, 1)).front();
}

// The same touchpoint directly before (repeat), or earlier with another in between (return).
void rework(const EventLog& log, std::vector<std::uint8_t>& repeat, std::vector<std::uint8_t>& comes_back) {
  const auto offsets = log.case_offsets();
  const auto touchpoints = log.touchpoints();
  const auto mark = [&](std::size_t begin, std::size_t end) {
    std::vector<std::size_t> last_case(log.touchpoint_names().size(), log.case_count());
    for (std::size_t c = begin; c < end; ++c) {
      for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
        const bool directly = k > offsets[c] && touchpoints[k] == touchpoints[k - 1];
        repeat[k] = directly ? 1 : 0;
        comes_back[k] = !directly && last_case[touchpoints[k]] == c ? 1 : 0;
        last_case[touchpoints[k]] = c;
      }
    }
  };
  constexpr std::size_t many_names = 65'536;  // marks for every stretch would cost more than they save
  if (log.touchpoint_names().size() > many_names) {
    mark(0, log.case_count());
  } else {
    for_cases(log, mark);
  }
}

// The next event of the case has another value of the column although it stays in the stage. Where at least 19 of 20
// visits of a touchpoint switch, switching is how the step works and no friction.
std::vector<std::uint8_t> switches(const EventLog& log, const base::Category& column,
                                   const std::vector<std::uint32_t>& stage_of) {
  const auto offsets = log.case_offsets();
  const auto touchpoints = log.touchpoints();
  std::vector<std::uint8_t> out(log.event_count(), kNotSeen);
  std::vector<std::size_t> visits(log.touchpoint_names().size(), 0), switched(visits.size(), 0);
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      if (column.codes[k] == base::kMissingCode) continue;
      const bool last = k + 1 == offsets[c + 1];
      if (!last && column.codes[k + 1] == base::kMissingCode) continue;
      out[k] =
          !last && column.codes[k] != column.codes[k + 1] && stage_of[touchpoints[k]] == stage_of[touchpoints[k + 1]]
              ? 1
              : 0;
      ++visits[touchpoints[k]];
      switched[touchpoints[k]] += out[k];
    }
  }
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (out[k] == 1 && switched[touchpoints[k]] * 20 >= visits[touchpoints[k]] * 19) out[k] = 0;
  }
  return out;
}

std::vector<std::uint8_t> waits(const EventLog& log, std::int64_t slow_ns) {
  const auto offsets = log.case_offsets();
  std::vector<std::uint8_t> out(log.event_count(), kNotSeen);
  for_cases(log, [&](std::size_t begin, std::size_t end) {
    for (std::size_t c = begin; c < end; ++c) {
      for (std::size_t k = offsets[c]; k + 1 < offsets[c + 1]; ++k) out[k] = wait_ns(log, k) > slow_ns ? 1 : 0;
    }
  });
  return out;
}

// The last touchpoint that is not itself a failed ending: an event "cancelled" says that, not where, a case was lost.
std::uint32_t place_of_loss(const EventLog& log, std::size_t c, const std::vector<std::uint8_t>& says_nothing) {
  const auto offsets = log.case_offsets();
  const auto touchpoints = log.touchpoints();
  for (std::size_t k = offsets[c + 1]; k-- > offsets[c];) {
    if (says_nothing[touchpoints[k]] == 0) return touchpoints[k];
  }
  return touchpoints[offsets[c + 1] - 1];
}

// Where an outcome column tells how a case ended, cases may end regularly either way ("closed"): a touchpoint that ends
// at least one in twenty completed cases is no place of loss.
std::vector<std::uint8_t> regular_ends(const EventLog& log, const std::vector<CaseStatus>& status) {
  constexpr std::size_t one_in = 20;
  std::vector<std::size_t> ends(log.touchpoint_names().size(), 0);
  std::size_t completed = 0;
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    if (status[c] != CaseStatus::Completed) continue;
    ++completed;
    ++ends[log.touchpoints()[log.case_offsets()[c + 1] - 1]];
  }
  std::vector<std::uint8_t> out;
  for (const std::size_t n : ends) out.push_back(n > 0 && n * one_in >= completed ? 1 : 0);
  return out;
}

void find_places_of_loss(const EventLog& log, Signs& signs) {
  signs.lost_at.assign(log.case_count(), kNowhere);
  if (!signs.has_completion) return;
  const bool by_outcome = log.has(Role::Outcome);
  std::vector<std::uint8_t> is_failed_ending, is_regular_end(log.touchpoint_names().size(), 0);
  for (const std::string& name : log.touchpoint_names()) {
    is_failed_ending.push_back(!by_outcome && std::ranges::count(log.options().endings.failed, name) > 0 ? 1 : 0);
  }
  if (by_outcome) is_regular_end = regular_ends(log, signs.status);
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    if (!closed(signs.status[c]) || signs.status[c] == CaseStatus::Completed) continue;
    const std::uint32_t place = place_of_loss(log, c, is_failed_ending);
    if (is_regular_end[place] == 0) signs.lost_at[c] = place;
  }
  signs.has_places =
      !by_outcome || std::ranges::any_of(signs.lost_at, [](std::uint32_t place) { return place != kNowhere; });
}

void add_friction(Signs& signs, const char* name, std::vector<std::uint8_t> flags) {
  signs.components.push_back({Group::Friction, name});
  signs.friction.push_back(std::move(flags));
}

}  // namespace

bool closed(CaseStatus status) { return status != CaseStatus::Open; }

Signs read_signs(const journey::JourneyMap& map, const EventLog& log, const ScoreOptions& options) {
  Signs signs;
  signs.stage_of = stages_of_touchpoints(map, log);
  signs.slow_ns = options.slow_ns.value_or(usual_long_wait(log));
  signs.status = events::case_status(log);
  for (const events::Metric& metric : log.options().metrics) {
    if (metric.kind == events::MetricKind::Number) continue;
    signs.components.push_back({Group::Experience, metric.name});
    signs.answers.push_back({log.metric_values(metric.name), metric.low, metric.high, metric.high_is_good});
  }
  std::vector<std::uint8_t> repeat(log.event_count()), comes_back(log.event_count());
  rework(log, repeat, comes_back);
  add_friction(signs, "repeat", std::move(repeat));
  add_friction(signs, "return", std::move(comes_back));
  for (const Role role : {Role::Department, Role::Agent}) {
    if (!log.has(role)) continue;
    add_friction(signs, "hand_over", switches(log, log.category(role), signs.stage_of));
    break;  // agents only where no department is known
  }
  if (log.has(Role::Channel))
    add_friction(signs, "channel_switch", switches(log, log.category(Role::Channel), signs.stage_of));
  add_friction(signs, "wait", waits(log, signs.slow_ns));
  signs.components.push_back({Group::Completion, "completion"});

  signs.has_completion = !log.options().endings.completed.empty();
  find_places_of_loss(log, signs);
  return signs;
}

}  // namespace journeykit::scoring
