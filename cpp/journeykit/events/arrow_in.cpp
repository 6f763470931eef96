#include <algorithm>
#include <exception>
#include <limits>
#include <memory>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/events/arrow.hpp"
#include "journeykit/events/detail_arrow_column.hpp"

namespace journeykit::events {
namespace {

using base::InvalidInput;
using base::quote_safe;

[[noreturn]] void refuse_stream(const char* step, const char* said) {
  throw InvalidInput(std::string("the Arrow stream cannot be read (") + step +
                     "): " + quote_safe(said == nullptr ? "no reason given" : said, 400));
}

struct Batch {
  nanoarrow::UniqueArray array;
  nanoarrow::UniqueArrayView view;
};

std::vector<Batch> read_batches(ArrowArrayStream* stream, const ArrowSchema* schema,
                                const base::Cancellation& cancellation) {
  std::vector<Batch> out;
  ArrowError error;
  while (true) {
    cancellation.check();
    Batch batch;
    if (stream->get_next(stream, batch.array.get()) != 0) refuse_stream("next batch", stream->get_last_error(stream));
    if (batch.array->release == nullptr) return out;
    if (ArrowArrayViewInitFromSchema(batch.view.get(), schema, &error) != NANOARROW_OK ||
        ArrowArrayViewSetArray(batch.view.get(), batch.array.get(), &error) != NANOARROW_OK) {
      refuse_stream("batch", error.message);
    }
    if (batch.array->length > 0) out.push_back(std::move(batch));
  }
}

// Runs the tasks in parallel. Of several that find something wrong the first in order is heard, whichever was quicker.
void run(std::size_t tasks, unsigned threads, const base::Cancellation& cancellation,
         const std::function<void(std::size_t)>& task) {
  std::vector<std::exception_ptr> wrong(tasks);
  base::parallel_for(tasks, 1, threads, cancellation, [&](std::size_t k, std::size_t) {
    try {
      task(k);
    } catch (const InvalidInput&) {
      wrong[k] = std::current_exception();
    }
  });
  for (const std::exception_ptr& found : wrong) {
    if (found) std::rethrow_exception(found);
  }
}

}  // namespace

base::Table read_arrow(ArrowArrayStream* stream, const ArrowReading& how, const base::Cancellation& cancellation) {
  nanoarrow::UniqueArrayStream owned(stream);
  nanoarrow::UniqueSchema schema;
  if (owned->get_schema(owned.get(), schema.get()) != 0) refuse_stream("schema", owned->get_last_error(owned.get()));
  if (schema->format == nullptr || std::string_view(schema->format) != "+s") {
    throw InvalidInput("the Arrow stream holds no table (one struct per batch); hand over a table or record batches");
  }
  const auto width = static_cast<std::size_t>(schema->n_children);
  std::vector<ArrowColumn> columns;
  columns.reserve(width);
  for (std::size_t k = 0; k < width; ++k) columns.emplace_back(schema->children[k], how);

  const std::vector<Batch> batches = read_batches(owned.get(), schema.get(), cancellation);
  std::vector<std::vector<ColumnBatch>> of_column(width);
  std::int64_t rows = 0;
  for (const Batch& batch : batches) {
    for (std::size_t k = 0; k < width; ++k) {
      // Children are addressed in the struct's own offset.
      of_column[k].push_back({batch.view->children[k], batch.array->offset, batch.array->length, rows});
    }
    rows += batch.array->length;
  }

  constexpr std::int64_t rows_worth_a_thread = 131'072;
  const std::int64_t parts =
      std::clamp<std::int64_t>(rows / rows_worth_a_thread, 1, static_cast<std::int64_t>(base::thread_count(0)));
  const unsigned threads = parts > 1 ? 0 : 1;
  std::vector<std::int64_t> begins;
  for (std::int64_t part = 0; part < parts; ++part) begins.push_back(rows * part / parts);
  run(width, threads, cancellation, [&](std::size_t k) {
    ArrowError error;
    for (const Batch& batch : batches) {
      if (ArrowArrayViewValidate(batch.view->children[k], NANOARROW_VALIDATION_LEVEL_FULL, &error) != NANOARROW_OK) {
        refuse_stream("batch", error.message);
      }
      if (batch.view->children[k]->length < batch.array->offset + batch.array->length) {
        refuse_stream("batch", "a column is shorter than its table");
      }
    }
    columns[k].resize(static_cast<std::size_t>(rows), begins.size());
  });
  run(width * begins.size(), threads, cancellation, [&](std::size_t task) {
    const std::size_t part = task % begins.size();
    const std::int64_t end = part + 1 < begins.size() ? begins[part + 1] : rows;
    columns[task / begins.size()].fill(of_column[task / begins.size()], begins[part], end, part, cancellation);
  });
  std::vector<base::Values> values(width);
  run(width, threads, cancellation, [&](std::size_t k) { values[k] = columns[k].finish(begins, cancellation); });
  base::Table out;
  for (std::size_t k = 0; k < width; ++k) out.add(columns[k].name(), std::move(values[k]));
  return out;
}

}  // namespace journeykit::events
