// All batches of an Arrow stream.
#pragma once

#include <cstdint>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/detail_arrow_column.hpp"
#include "nanoarrow/nanoarrow.hpp"

namespace journeykit::events {

struct Batches {
  nanoarrow::UniqueArrayStream stream;  // of Python objects perhaps: lives as long as its arrays
  nanoarrow::UniqueSchema schema;
  std::vector<nanoarrow::UniqueArray> arrays;
  std::vector<nanoarrow::UniqueArrayView> views;
  std::int64_t rows = 0;

  std::size_t width() const { return static_cast<std::size_t>(schema->n_children); }
  std::vector<ColumnBatch> column(std::size_t k) const;
  // Throws InvalidInput when the arrays of column k contradict themselves.
  void validate(std::size_t k) const;
};

// Takes the stream over. Throws InvalidInput when it is no table or breaks off.
Batches read_batches(ArrowArrayStream* stream, const base::Cancellation& cancellation);

// The column as codes of one dictionary, or numbers or times, in parallel. Throws as read_arrow does.
base::Values read_column(const Batches& batches, std::size_t k, const ArrowReading& how,
                         const base::Cancellation& cancellation);

}  // namespace journeykit::events
