#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "journeykit/base/error.hpp"
#include "journeykit/events/arrow.hpp"
#include "nanoarrow/nanoarrow.hpp"

namespace journeykit::events {
namespace {

void check(int code, const char* step) {
  if (code == ENOMEM) throw std::bad_alloc();
  if (code != NANOARROW_OK) throw base::Error(std::string("writing an Arrow table failed at: ") + step);
}

// Text of a dictionary in one piece; 64-bit offsets where 32 bits do not reach.
bool is_large(const base::Dictionary& dictionary) {
  std::size_t bytes = 0;
  for (const std::string& value : dictionary.values) bytes += value.size();
  return bytes > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
}

struct SetType {
  ArrowSchema* schema;

  void operator()(const base::Category& column) const {
    check(ArrowSchemaSetType(schema, NANOARROW_TYPE_INT32), "type");
    check(ArrowSchemaAllocateDictionary(schema), "dictionary");
    ArrowSchemaInit(schema->dictionary);
    const ArrowType text = is_large(*column.dictionary) ? NANOARROW_TYPE_LARGE_STRING : NANOARROW_TYPE_STRING;
    check(ArrowSchemaSetType(schema->dictionary, text), "type");
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

// Packs bit(0) … bit(n − 1).
template <class Bit>
void fill_bits(ArrowBuffer* buffer, std::size_t n, const Bit& bit) {
  check(ArrowBufferResize(buffer, static_cast<std::int64_t>((n + 7) / 8), 0), "bits");
  for (std::size_t byte = 0; byte * 8 < n; ++byte) {
    unsigned packed = 0;
    for (std::size_t k = byte * 8; k < std::min(n, byte * 8 + 8); ++k) packed |= (bit(k) ? 1U : 0U) << (k % 8);
    buffer->data[byte] = static_cast<std::uint8_t>(packed);
  }
}

// The columns lend their memory to the Arrow arrays, which keep them alive; only booleans, dictionaries and the marks
// of missing values are written anew.
struct Lend {
  ArrowArray* array;
  const std::shared_ptr<const base::Values>& owner;

  void operator()(const base::Category& column) const {
    lend(column.codes, [](std::uint32_t code) { return code == base::kMissingCode; });
    const base::Dictionary& words = *column.dictionary;
    is_large(words) ? write_words<std::int64_t>(words) : write_words<std::int32_t>(words);
  }
  void operator()(const base::Reals& column) const {
    lend(column.values, [](double value) { return std::isnan(value); });
  }
  void operator()(const base::Booleans& column) const {
    const auto& values = column.values;
    const auto n = values.size();
    fill_bits(ArrowArrayBuffer(array, 1), n, [&](std::size_t k) { return values[k] == 1; });
    mark(values, [](std::uint8_t value) { return value > 1; });
  }
  void operator()(const base::Integers& column) const { integers(column.values); }
  void operator()(const base::Times& column) const { integers(column.values); }
  void operator()(const base::Durations& column) const { integers(column.values); }
  void integers(const std::vector<std::int64_t>& values) const {
    lend(values, [](std::int64_t value) { return value == base::kMissingInteger; });
  }

  template <class T, class Missing>
  void lend(const std::vector<T>& values, const Missing& missing) const {
    ArrowBuffer* buffer = ArrowArrayBuffer(array, 1);
    if (!values.empty()) {
      using Owner = std::shared_ptr<const base::Values>;
      auto hold = std::make_unique<Owner>(owner);
      check(ArrowBufferSetAllocator(buffer, ArrowBufferDeallocator(
                                                [](ArrowBufferAllocator* allocator, std::uint8_t*, std::int64_t) {
                                                  delete static_cast<Owner*>(allocator->private_data);
                                                },
                                                hold.get())),
            "memory");
      hold.release();
      // Arrow has no buffer of constants; nobody may write into an array.
      buffer->data = reinterpret_cast<std::uint8_t*>(const_cast<T*>(values.data()));
      buffer->size_bytes = buffer->capacity_bytes = static_cast<std::int64_t>(values.size() * sizeof(T));
    }
    mark(values, missing);
  }
  template <class T, class Missing>
  void mark(const std::vector<T>& values, const Missing& missing) const {
    array->length = static_cast<std::int64_t>(values.size());
    array->null_count = std::ranges::count_if(values, missing);
    if (array->null_count == 0) return;
    fill_bits(ArrowArrayBuffer(array, 0), values.size(), [&](std::size_t k) { return !missing(values[k]); });
  }
  template <class Offset>
  void write_words(const base::Dictionary& dictionary) const {
    const auto& words = dictionary.values;
    ArrowBuffer* offsets = ArrowArrayBuffer(array->dictionary, 1);
    ArrowBuffer* bytes = ArrowArrayBuffer(array->dictionary, 2);
    std::size_t size = 0;
    for (const std::string& word : words) size += word.size();
    check(ArrowBufferReserve(offsets, static_cast<std::int64_t>((words.size() + 1) * sizeof(Offset))), "text");
    check(ArrowBufferReserve(bytes, static_cast<std::int64_t>(size)), "text");
    const auto end_here = [&] {
      const auto end = static_cast<Offset>(bytes->size_bytes);
      ArrowBufferAppendUnsafe(offsets, &end, sizeof end);
    };
    end_here();
    for (const std::string& word : words) {
      ArrowBufferAppendUnsafe(bytes, word.data(), static_cast<std::int64_t>(word.size()));
      end_here();
    }
    array->dictionary->length = static_cast<std::int64_t>(words.size());
    array->dictionary->null_count = 0;
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
  for (std::int64_t k = 0; k < n_columns; ++k) {
    const auto& values = table.columns[static_cast<std::size_t>(k)].values;
    std::visit(Lend{array->children[k], values}, *values);
  }
  array->length = static_cast<std::int64_t>(table.rows);
  check(ArrowArrayFinishBuildingDefault(array.get(), &error), "array");
  check(ArrowBasicArrayStreamInit(out, schema.get(), 1), "stream");
  ArrowBasicArrayStreamSetArray(out, 0, array.get());
}

}  // namespace journeykit::events
