#include <algorithm>
#include <exception>
#include <functional>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/events/arrow.hpp"
#include "journeykit/events/detail_batches.hpp"

namespace journeykit::events {
namespace {

using base::InvalidInput;
using base::quote_safe;

[[noreturn]] void refuse_stream(const char* step, const char* said) {
  throw InvalidInput(std::string("the Arrow stream cannot be read (") + step +
                     "): " + quote_safe(said == nullptr ? "no reason given" : said, 400));
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

// First rows of the parts that several threads fill.
std::vector<std::int64_t> part_begins(std::int64_t rows) {
  constexpr std::int64_t rows_worth_a_thread = 131'072;
  const std::int64_t parts =
      std::clamp<std::int64_t>(rows / rows_worth_a_thread, 1, static_cast<std::int64_t>(base::thread_count(0)));
  std::vector<std::int64_t> out;
  for (std::int64_t part = 0; part < parts; ++part) out.push_back(rows * part / parts);
  return out;
}

// Columns `which` of the batches.
std::vector<base::Values> read_columns(const Batches& batches, const std::vector<std::size_t>& which,
                                       const ArrowReading& how, const base::Cancellation& cancellation) {
  std::vector<ArrowColumn> columns;
  std::vector<std::vector<ColumnBatch>> parts_of;
  for (const std::size_t k : which) {
    columns.emplace_back(batches.schema->children[k], how);
    parts_of.push_back(batches.column(k));
  }
  const std::vector<std::int64_t> begins = part_begins(batches.rows);
  const unsigned threads = begins.size() > 1 ? 0 : 1;
  run(which.size(), threads, cancellation, [&](std::size_t k) {
    batches.validate(which[k]);
    columns[k].resize(static_cast<std::size_t>(batches.rows), begins.size());
  });
  run(which.size() * begins.size(), threads, cancellation, [&](std::size_t task) {
    const std::size_t k = task / begins.size();
    const std::size_t part = task % begins.size();
    const std::int64_t end = part + 1 < begins.size() ? begins[part + 1] : batches.rows;
    columns[k].fill(parts_of[k], begins[part], end, part, cancellation);
  });
  std::vector<base::Values> out(which.size());
  run(which.size(), threads, cancellation,
      [&](std::size_t k) { out[k] = columns[k].finish(parts_of[k], begins, cancellation); });
  return out;
}

}  // namespace

std::vector<ColumnBatch> Batches::column(std::size_t k) const {
  std::vector<ColumnBatch> out;
  std::int64_t first_row = 0;
  for (std::size_t b = 0; b < arrays.size(); ++b) {
    // Children are addressed in the struct's own offset.
    out.push_back({views[b]->children[k], arrays[b]->offset, arrays[b]->length, first_row});
    first_row += arrays[b]->length;
  }
  return out;
}

void Batches::validate(std::size_t k) const {
  ArrowError error;
  for (std::size_t b = 0; b < arrays.size(); ++b) {
    ArrowArrayView* view = views[b]->children[k];
    // Indices into a dictionary are checked where they are read.
    const bool sound =
        view->dictionary == nullptr
            ? ArrowArrayViewValidate(view, NANOARROW_VALIDATION_LEVEL_FULL, &error) == NANOARROW_OK
            : ArrowArrayViewValidate(view, NANOARROW_VALIDATION_LEVEL_DEFAULT, &error) == NANOARROW_OK &&
                  ArrowArrayViewValidate(view->dictionary, NANOARROW_VALIDATION_LEVEL_FULL, &error) == NANOARROW_OK;
    if (!sound) refuse_stream("batch", error.message);
    if (view->length < arrays[b]->offset + arrays[b]->length) {
      refuse_stream("batch", "a column is shorter than its table");
    }
  }
}

Batches read_batches(ArrowArrayStream* stream, const base::Cancellation& cancellation) {
  Batches out;
  out.stream.reset(stream);
  if (out.stream->get_schema(out.stream.get(), out.schema.get()) != 0)
    refuse_stream("schema", out.stream->get_last_error(out.stream.get()));
  if (out.schema->format == nullptr || std::string_view(out.schema->format) != "+s") {
    throw InvalidInput("the Arrow stream holds no table (one struct per batch); hand over a table or record batches");
  }
  ArrowError error;
  while (true) {
    cancellation.check();
    nanoarrow::UniqueArray array;
    if (out.stream->get_next(out.stream.get(), array.get()) != 0)
      refuse_stream("next batch", out.stream->get_last_error(out.stream.get()));
    if (array->release == nullptr) return out;
    nanoarrow::UniqueArrayView view;
    if (ArrowArrayViewInitFromSchema(view.get(), out.schema.get(), &error) != NANOARROW_OK ||
        ArrowArrayViewSetArray(view.get(), array.get(), &error) != NANOARROW_OK) {
      refuse_stream("batch", error.message);
    }
    if (array->length == 0) continue;
    out.rows += array->length;
    out.arrays.push_back(std::move(array));
    out.views.push_back(std::move(view));
  }
}

base::Values read_column(const Batches& batches, std::size_t k, const ArrowReading& how,
                         const base::Cancellation& cancellation) {
  return std::move(read_columns(batches, {k}, how, cancellation).front());
}

base::Table read_arrow(ArrowArrayStream* stream, const ArrowReading& how, const base::Cancellation& cancellation) {
  const Batches batches = read_batches(stream, cancellation);
  std::vector<std::size_t> all(batches.width());
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = k;
  std::vector<base::Values> values = read_columns(batches, all, how, cancellation);
  base::Table out;
  for (std::size_t k = 0; k < all.size(); ++k) {
    const char* name = batches.schema->children[k]->name;
    out.add(name == nullptr ? "" : name, std::move(values[k]));
  }
  return out;
}

}  // namespace journeykit::events
