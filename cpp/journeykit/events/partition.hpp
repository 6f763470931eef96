// Splitting rows by their case without knowing all cases: equal ids share a part, in any file and on any machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journeykit/base/table.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::events {

struct Partition {
  std::vector<std::int64_t> rows;         // all rows, part by part, in their order inside each
  std::vector<std::uint64_t> offsets{0};  // part p: rows[offsets[p]] … rows[offsets[p + 1] - 1]
};

// By hash of text, whole numbers or booleans; missing ids go to part 0. Throws InvalidInput for other columns.
Partition partition_rows(const base::Values& ids, std::uint64_t parts);

// The cases seen so far, by 64-bit hash of their ids: finds a case that comes again in another part of a log.
class CaseSet {
 public:
  // The first case of the log that was there before (one of another id may be taken for it with odds of n²/2^65).
  std::optional<std::string> add(const EventLog& log);

 private:
  bool insert(std::uint64_t hash);
  void grow();
  std::vector<std::uint64_t> slots_;  // 0: empty
  std::size_t count_ = 0;
};

}  // namespace journeykit::events
