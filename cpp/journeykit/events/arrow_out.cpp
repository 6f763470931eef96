#include <cmath>
#include <limits>

#include "journeykit/base/error.hpp"
#include "journeykit/events/arrow.hpp"
#include "nanoarrow/nanoarrow.hpp"

namespace journeykit::events {
namespace {

void check(int code, const char* step) {
  if (code == ENOMEM) throw std::bad_alloc();
  if (code != NANOARROW_OK) throw base::Error(std::string("writing an Arrow table failed at: ") + step);
}

struct SetType {
  ArrowSchema* schema;

  void operator()(const base::Category&) const {
    check(ArrowSchemaSetType(schema, NANOARROW_TYPE_INT32), "type");
    check(ArrowSchemaAllocateDictionary(schema), "dictionary");
    ArrowSchemaInit(schema->dictionary);
    check(ArrowSchemaSetType(schema->dictionary, NANOARROW_TYPE_STRING), "type");
  }
  void operator()(const base::Integers&) const { check(ArrowSchemaSetType(schema, NANOARROW_TYPE_INT64), "type"); }
  void operator()(const base::Reals&) const { check(ArrowSchemaSetType(schema, NANOARROW_TYPE_DOUBLE), "type"); }
  void operator()(const base::Booleans&) const { check(ArrowSchemaSetType(schema, NANOARROW_TYPE_BOOL), "type"); }
  void operator()(const base::Times&) const {
    check(ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_TIMESTAMP, NANOARROW_TIME_UNIT_NANO, "UTC"), "type");
  }
  void operator()(const base::Durations&) const {
    check(ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_DURATION, NANOARROW_TIME_UNIT_NANO, nullptr), "type");
  }
};

struct Append {
  ArrowArray* array;

  void operator()(const base::Category& column) const {
    for (const std::string& value : column.dictionary->values) {
      check(ArrowArrayAppendString(array->dictionary, {value.data(), static_cast<std::int64_t>(value.size())}), "text");
    }
    for (const std::uint32_t code : column.codes) {
      check(code == base::kMissingCode ? ArrowArrayAppendNull(array, 1)
                                       : ArrowArrayAppendInt(array, static_cast<std::int64_t>(code)),
            "code");
    }
  }
  void operator()(const base::Reals& column) const {
    for (const double value : column.values) {
      check(std::isnan(value) ? ArrowArrayAppendNull(array, 1) : ArrowArrayAppendDouble(array, value), "number");
    }
  }
  void operator()(const base::Booleans& column) const {
    for (const std::uint8_t value : column.values) {
      check(value > 1 ? ArrowArrayAppendNull(array, 1) : ArrowArrayAppendInt(array, value), "boolean");
    }
  }
  void operator()(const base::Integers& column) const { integers(column.values); }
  void operator()(const base::Times& column) const { integers(column.values); }
  void operator()(const base::Durations& column) const { integers(column.values); }
  void integers(const std::vector<std::int64_t>& values) const {
    for (const std::int64_t value : values) {
      check(value == base::kMissingInteger ? ArrowArrayAppendNull(array, 1) : ArrowArrayAppendInt(array, value),
            "number");
    }
  }
};

}  // namespace

void write_arrow(const base::Table& table, ArrowArrayStream* out) {
  const auto n_columns = static_cast<std::int64_t>(table.columns.size());
  nanoarrow::UniqueSchema schema;
  ArrowSchemaInit(schema.get());
  check(ArrowSchemaSetTypeStruct(schema.get(), n_columns), "schema");
  for (std::int64_t k = 0; k < n_columns; ++k) {
    const base::Column& column = table.columns[static_cast<std::size_t>(k)];
    std::visit(SetType{schema->children[k]}, *column.values);
    check(ArrowSchemaSetName(schema->children[k], column.name.c_str()), "name");
  }
  nanoarrow::UniqueArray array;
  ArrowError error;
  check(ArrowArrayInitFromSchema(array.get(), schema.get(), &error), "array");
  check(ArrowArrayStartAppending(array.get()), "array");
  for (std::int64_t k = 0; k < n_columns; ++k) {
    std::visit(Append{array->children[k]}, *table.columns[static_cast<std::size_t>(k)].values);
  }
  array->length = static_cast<std::int64_t>(table.rows);
  check(ArrowArrayFinishBuildingDefault(array.get(), &error), "array");
  check(ArrowBasicArrayStreamInit(out, schema.get(), 1), "stream");
  ArrowBasicArrayStreamSetArray(out, 0, array.get());
}

}  // namespace journeykit::events
