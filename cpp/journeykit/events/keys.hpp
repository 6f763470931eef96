// Case, touchpoint and time of rows as they stand in an Arrow table, read stretch by stretch without a copy of the
// columns: for results that need no log. Only for the plain case, in which nothing has to be refused or left out; an
// EventLog is made of everything else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"

struct ArrowArrayStream;

namespace journeykit::events {

struct KeyNames {
  std::string case_id, touchpoint, time;  // columns
  std::vector<std::string> missing;       // texts that stand for a missing value
};

class EventKeys {
 public:
  // Takes the stream over. Nothing when a value is missing, a type is not plain (cases: whole numbers, text;
  // touchpoints: text; times: timestamps in UTC), or the times lie too far apart.
  static std::optional<EventKeys> open(ArrowArrayStream* stream, const KeyNames& names,
                                       const base::Cancellation& cancellation);
  EventKeys(EventKeys&&) noexcept;
  EventKeys& operator=(EventKeys&&) noexcept;
  ~EventKeys();

  std::size_t row_count() const;
  std::size_t case_count() const;  // cases are numbered below it; some numbers may have no row
  const std::vector<std::string>& touchpoint_names() const;
  // A time of 1 is so many ns; all times lie in [first_time(), last_time()].
  std::int64_t unit_ns() const;
  std::int64_t first_time() const;
  std::int64_t last_time() const;
  // Rows [begin, end) into arrays of that length. May be called from several threads. Throws InvalidInput when the
  // Arrow data is broken.
  void read(std::size_t begin, std::size_t end, std::uint32_t* cases, std::uint32_t* touchpoints,
            std::int64_t* times) const;

 private:
  struct Columns;
  explicit EventKeys(std::unique_ptr<Columns> columns);
  std::unique_ptr<Columns> columns_;
};

}  // namespace journeykit::events
