// Which group each event belongs to: the combinations of columns, stage, case status and calendar window that occur.
// Groups stand in the order of their keys (dictionary order, numbers, time), missing values last as a group of their
// own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::metrics {

enum class KeyKind { Column, Stage, CaseStatus };

struct GroupKey {
  KeyKind kind = KeyKind::Column;
  std::string name;  // of the result column; for Column a role ("channel") or a column of the log
};

struct By {
  std::vector<GroupKey> keys;
  std::vector<std::string> stages;             // stage of each touchpoint name, "" for none; needed by KeyKind::Stage
  std::vector<std::int64_t> window_starts_ns;  // ascending; window k is [start k, start k+1); empty: no windows
};

// Whose time decides the window: the event's own, or the start of its case.
enum class WindowOf { Event, Case };

struct Groups {
  std::vector<std::uint32_t> of_event;  // kMissingCode: the event is not selected
  std::uint32_t count = 0;
  base::Table keys;  // one row per group; no column when nothing divides
};

// 1 per touchpoint name that is listed, 0 otherwise; all 1 for an empty list. Throws NotFound.
std::vector<std::uint8_t> touchpoint_mask(const events::EventLog& log, const std::vector<std::string>& touchpoints);
// `mask` as from touchpoint_mask: events of other touchpoints are in no group.
Groups group_events(const events::EventLog& log, const By& by, WindowOf window, const std::vector<std::uint8_t>& mask,
                    const base::Cancellation& cancellation = {});

struct Coded {                       // a column as dense codes in the order of its values
  std::vector<std::uint32_t> codes;  // kMissingCode: missing
  base::Values values;               // value of each code
};
// Text, whole numbers and booleans; throws InvalidInput for decimals and times, which have to be binned first.
Coded coded_column(const events::EventLog& log, const std::string& role_or_column);

// Things collected per group and then read group by group.
template <class T>
class PerGroup {
 public:
  explicit PerGroup(std::uint32_t groups) : offsets_(groups + 1U, 0) {}
  void add(std::uint32_t group, const T& thing) {
    groups_.push_back(group);
    things_.push_back(thing);
    ++offsets_[group + 1];
  }
  void sort() {  // stable counting sort; call once, before reading
    for (std::size_t g = 1; g < offsets_.size(); ++g) offsets_[g] += offsets_[g - 1];
    std::vector<std::size_t> next(offsets_.begin(), offsets_.end() - 1);
    std::vector<T> sorted(things_.size());
    for (std::size_t k = 0; k < things_.size(); ++k) sorted[next[groups_[k]]++] = things_[k];
    things_ = std::move(sorted);
  }
  std::span<const T> of(std::uint32_t group) const {
    return std::span<const T>(things_).subspan(offsets_[group], offsets_[group + 1U] - offsets_[group]);
  }

 private:
  std::vector<std::uint32_t> groups_;
  std::vector<T> things_;
  std::vector<std::size_t> offsets_;
};

// visit(case, group) once for every group that has an event of the case, cases in order.
template <class Visit>
void for_each_case_group(const events::EventLog& log, const Groups& groups, Visit&& visit) {
  const auto offsets = log.case_offsets();
  std::vector<std::size_t> seen(groups.count, log.case_count());
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      const std::uint32_t g = groups.of_event[k];
      if (g == base::kMissingCode || seen[g] == c) continue;
      seen[g] = c;
      visit(c, g);
    }
  }
}

}  // namespace journeykit::metrics
