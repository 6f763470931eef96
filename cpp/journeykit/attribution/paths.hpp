// Paths of customers over channels, with the customers that went each way and how many of them converted: the input of
// every attribution model. Channels stand in byte order of their names, so that codes do not depend on the order of
// rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::attribution {

struct Paths {
  std::vector<std::string> channels;
  std::vector<std::uint64_t> offsets{0};  // of path p: steps [offsets[p], offsets[p + 1])
  std::vector<std::uint32_t> steps;       // channel codes of all paths
  std::vector<double> ages;               // per step: time units before the conversion; empty: not known
  std::vector<double> conversions;        // per path: customers that converted; need not be whole
  std::vector<double> nulls;              // … and that did not
  std::vector<double> values;             // … and what the conversions were worth together; empty: not known

  std::size_t size() const { return offsets.size() - 1; }
  std::span<const std::uint32_t> path(std::size_t p) const {
    return std::span(steps).subspan(offsets[p], offsets[p + 1] - offsets[p]);
  }
};

struct TextRows {  // one part of a column of text as Arrow lays it out; one of the two lists of offsets is used
  std::string_view bytes;
  std::span<const std::int32_t> narrow;  // shape (rows + 1,)
  std::span<const std::int64_t> wide;
};

struct PathColumns {
  std::vector<TextRows> path;
  std::vector<TextRows> times;                         // numbers with the same separator; empty: none
  std::span<const double> conversions, nulls, values;  // NaN is missing; nulls and values may be empty
  std::string path_name, times_name, conversions_name, nulls_name, values_name;
  std::string separator = ">";
};

// Names are cut at the separator and trimmed of white space. Rows without customers are kept: they name channels.
// Throws InvalidInput with the column and the first bad row: an empty name between separators, text that is not UTF-8,
// a conversion without a path, a count or value that is missing, negative or infinite, a value without a conversion,
// times that are no numbers, fall, or are not as many as channels.
Paths read_paths(const PathColumns& columns, const base::Cancellation& cancellation);

// The touchpoints of closed cases: completed ones converted, failed and abandoned ones did not. Endings are how a case
// ends and no touchpoint of its path; what follows the first completing one cannot have led to it and is cut off. Ages
// are days before that event, or before the last one. values[k] is that of event k; of a completed case they are added.
struct LogPaths {
  Paths paths;
  std::vector<std::size_t> cases;          // of each path
  std::int64_t open_cases = 0;             // left out
  std::int64_t empty_completed_cases = 0;  // no touchpoint before the completing one: left out
};
LogPaths paths_of_log(const events::EventLog& log, std::span<const double> values,
                      const base::Cancellation& cancellation);

// The same customers with one path for each way, in an order that does not depend on that of the rows; ways that nobody
// went are left out. Paths whose steps have ages differ when the ages do.
// `way_of_path`: the new path of each given one, kNoWay where it is left out.
inline constexpr std::uint32_t kNoWay = static_cast<std::uint32_t>(-1);
Paths distinct(const Paths& paths, const base::Cancellation& cancellation,
               std::vector<std::uint32_t>* way_of_path = nullptr);

}  // namespace journeykit::attribution
