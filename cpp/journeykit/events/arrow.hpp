// Arrow in and out through the C stream interface: any producer, one code path, batch by batch.
// Text, dictionary, integer, floating, boolean, date, timestamp and duration columns are read; other types throw
// Unsupported with the column's name. Timestamps of any unit become int64 ns UTC (overflow: InvalidInput with the row).
#pragma once

#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/base/table.hpp"

struct ArrowArrayStream;

namespace journeykit::events {

struct ArrowReading {
  std::vector<std::string> as_text{};  // columns whose integers are identifiers and become text ("7")
  std::vector<std::string> missing{};  // texts that stand for a missing value in columns of text
};

// Takes the stream over and releases it.
base::Table read_arrow(ArrowArrayStream* stream, const ArrowReading& how, const base::Cancellation& cancellation);
// Fills `out` with one batch that keeps the columns of the table alive and lends their memory out.
void write_arrow(const base::Table& table, ArrowArrayStream* out);

}  // namespace journeykit::events
