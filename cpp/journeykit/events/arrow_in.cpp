#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cmath>
#include <deque>
#include <limits>

#include "journeykit/base/checked.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/events/arrow.hpp"
#include "nanoarrow/nanoarrow.hpp"

namespace journeykit::events {
namespace {

using base::InvalidInput;
using base::kMissingCode;
using base::kMissingInteger;
using base::quote_safe;

// Gives each distinct text a code in order of first appearance.
class Interner {
 public:
  std::uint32_t code(std::string_view text, const std::string& column) {
    const auto at = codes_.find(text);
    if (at != codes_.end()) return at->second;
    if (!base::valid_utf8(text)) {
      throw InvalidInput("column " + quote_safe(column) + " has text that is not UTF-8: " + quote_safe(text) +
                         "; re-read the source with its encoding");
    }
    const std::string& kept = values_.emplace_back(text);
    const auto fresh = static_cast<std::uint32_t>(values_.size() - 1);
    codes_.emplace(kept, fresh);
    return fresh;
  }
  std::shared_ptr<base::Dictionary> finish() {
    auto out = std::make_shared<base::Dictionary>();
    out->values.assign(std::make_move_iterator(values_.begin()), std::make_move_iterator(values_.end()));
    return out;
  }

 private:
  std::deque<std::string> values_;  // never moves an element: the keys below point into it
  boost::unordered_flat_map<std::string_view, std::uint32_t> codes_;
};

enum class Kind { Text, Coded, Integer, Real, Boolean, Time, Duration, Nothing };

struct Reader {
  std::string name;
  Kind kind = Kind::Text;
  bool as_text = false;  // integers that are identifiers
  bool is_unsigned = false;
  std::int64_t unit_ns = 1;  // of a time or duration
  Interner interner;
  std::vector<std::uint32_t> codes;
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  std::vector<std::uint8_t> booleans;
};

std::int64_t unit_ns(ArrowTimeUnit unit) {
  switch (unit) {
    case NANOARROW_TIME_UNIT_SECOND:
      return 1'000'000'000;
    case NANOARROW_TIME_UNIT_MILLI:
      return 1'000'000;
    case NANOARROW_TIME_UNIT_MICRO:
      return 1'000;
    default:
      return 1;
  }
}

[[noreturn]] void refuse_type(const std::string& name, const char* type) {
  throw base::Unsupported("column " + quote_safe(name) + " has the Arrow type " + type +
                          "; expected text, dictionary, whole or decimal numbers, booleans, dates, timestamps or "
                          "durations: cast it or leave it out");
}

Kind kind_of(ArrowType type, const std::string& name) {
  switch (type) {
    case NANOARROW_TYPE_STRING:
    case NANOARROW_TYPE_LARGE_STRING:
    case NANOARROW_TYPE_STRING_VIEW:
      return Kind::Text;
    case NANOARROW_TYPE_INT8:
    case NANOARROW_TYPE_INT16:
    case NANOARROW_TYPE_INT32:
    case NANOARROW_TYPE_INT64:
    case NANOARROW_TYPE_UINT8:
    case NANOARROW_TYPE_UINT16:
    case NANOARROW_TYPE_UINT32:
    case NANOARROW_TYPE_UINT64:
      return Kind::Integer;
    case NANOARROW_TYPE_HALF_FLOAT:
    case NANOARROW_TYPE_FLOAT:
    case NANOARROW_TYPE_DOUBLE:
      return Kind::Real;
    case NANOARROW_TYPE_BOOL:
      return Kind::Boolean;
    case NANOARROW_TYPE_DATE32:
    case NANOARROW_TYPE_DATE64:
    case NANOARROW_TYPE_TIMESTAMP:
      return Kind::Time;
    case NANOARROW_TYPE_DURATION:
      return Kind::Duration;
    case NANOARROW_TYPE_NA:
      return Kind::Nothing;
    default:
      refuse_type(name, ArrowTypeString(type));
  }
}

Reader make_reader(const ArrowSchema* schema, const ArrowReading& how) {
  Reader reader;
  reader.name = schema->name == nullptr ? "" : schema->name;
  ArrowSchemaView view;
  ArrowError error;
  if (ArrowSchemaViewInit(&view, schema, &error) != NANOARROW_OK) refuse_type(reader.name, schema->format);
  reader.as_text = std::ranges::find(how.as_text, reader.name) != how.as_text.end();
  if (view.type == NANOARROW_TYPE_DICTIONARY) {
    ArrowSchemaView values;
    if (ArrowSchemaViewInit(&values, schema->dictionary, &error) != NANOARROW_OK)
      refuse_type(reader.name, "dictionary");
    const Kind kind = kind_of(values.type, reader.name);
    if (kind != Kind::Text && kind != Kind::Integer)
      refuse_type(reader.name, "dictionary of neither text nor whole numbers");
    reader.kind = Kind::Coded;
    return reader;
  }
  reader.kind = kind_of(view.type, reader.name);
  reader.is_unsigned = view.type == NANOARROW_TYPE_UINT64;
  if (view.type == NANOARROW_TYPE_TIMESTAMP || view.type == NANOARROW_TYPE_DURATION)
    reader.unit_ns = unit_ns(view.time_unit);
  if (view.type == NANOARROW_TYPE_DATE32) reader.unit_ns = 86'400LL * 1'000'000'000;
  if (view.type == NANOARROW_TYPE_DATE64) reader.unit_ns = 1'000'000;
  return reader;
}

std::string_view text_at(const ArrowArrayView* view, std::int64_t row) {
  const ArrowStringView text = ArrowArrayViewGetStringUnsafe(view, row);
  return {text.data, static_cast<std::size_t>(text.size_bytes)};
}

std::int64_t integer_at(const Reader& reader, const ArrowArrayView* view, std::int64_t row) {
  if (!reader.is_unsigned) return ArrowArrayViewGetIntUnsafe(view, row);
  const std::uint64_t value = ArrowArrayViewGetUIntUnsafe(view, row);
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw InvalidInput("column " + quote_safe(reader.name) + " has " + std::to_string(value) +
                       "; whole numbers up to 9223372036854775807 fit: read the column as text");
  }
  return static_cast<std::int64_t>(value);
}

// A time or duration in ns; `row` counts from the start of the source.
std::int64_t scaled(const Reader& reader, std::int64_t value, std::size_t row) {
  const auto out = base::checked_product(value, reader.unit_ns);
  if (!out || *out == kMissingInteger) {
    throw InvalidInput(
        "column " + quote_safe(reader.name) + ", row " + std::to_string(row) +
        " (counted from 0): the time lies outside 1677-09-21 … 2262-04-11; mend the date or leave the row out");
  }
  return *out;
}

void read_coded(Reader& reader, const ArrowArrayView* view, std::int64_t begin, std::int64_t end) {
  const ArrowArrayView* values = view->dictionary;
  const bool text = kind_of(values->storage_type, reader.name) == Kind::Text;
  constexpr std::uint32_t unseen = kMissingCode - 1;
  std::vector<std::uint32_t> code_of(static_cast<std::size_t>(values->length), unseen);
  for (std::int64_t row = begin; row < end; ++row) {
    if (ArrowArrayViewIsNull(view, row) != 0) {
      reader.codes.push_back(kMissingCode);
      continue;
    }
    const std::int64_t index = ArrowArrayViewGetIntUnsafe(view, row);
    if (index < 0 || index >= values->length) {
      throw InvalidInput("column " + quote_safe(reader.name) + ", row " + std::to_string(reader.codes.size()) +
                         ": dictionary index " + std::to_string(index) + " of " + std::to_string(values->length) +
                         " values; the Arrow data is broken");
    }
    std::uint32_t& code = code_of[static_cast<std::size_t>(index)];
    if (code == unseen) {
      if (ArrowArrayViewIsNull(values, index) != 0) {
        code = kMissingCode;
      } else if (text) {
        code = reader.interner.code(text_at(values, index), reader.name);
      } else {
        code = reader.interner.code(std::to_string(ArrowArrayViewGetIntUnsafe(values, index)), reader.name);
      }
    }
    reader.codes.push_back(code);
  }
}

void read_column(Reader& reader, const ArrowArrayView* view, std::int64_t begin, std::int64_t end) {
  const auto null = [&](std::int64_t row) { return ArrowArrayViewIsNull(view, row) != 0; };
  switch (reader.kind) {
    case Kind::Coded:
      read_coded(reader, view, begin, end);
      return;
    case Kind::Nothing:
      reader.codes.insert(reader.codes.end(), static_cast<std::size_t>(end - begin), kMissingCode);
      return;
    case Kind::Text:
      for (std::int64_t row = begin; row < end; ++row) {
        reader.codes.push_back(null(row) ? kMissingCode : reader.interner.code(text_at(view, row), reader.name));
      }
      return;
    case Kind::Integer:
      for (std::int64_t row = begin; row < end; ++row) {
        if (reader.as_text) {
          reader.codes.push_back(
              null(row) ? kMissingCode
                        : reader.interner.code(std::to_string(integer_at(reader, view, row)), reader.name));
        } else {
          reader.integers.push_back(null(row) ? kMissingInteger : integer_at(reader, view, row));
        }
      }
      return;
    case Kind::Real:
      for (std::int64_t row = begin; row < end; ++row) {
        reader.reals.push_back(null(row) ? std::numeric_limits<double>::quiet_NaN()
                                         : ArrowArrayViewGetDoubleUnsafe(view, row));
      }
      return;
    case Kind::Boolean:
      for (std::int64_t row = begin; row < end; ++row) {
        reader.booleans.push_back(null(row) ? 2 : static_cast<std::uint8_t>(ArrowArrayViewGetIntUnsafe(view, row)));
      }
      return;
    case Kind::Time:
    case Kind::Duration:
      for (std::int64_t row = begin; row < end; ++row) {
        reader.integers.push_back(null(row)
                                      ? kMissingInteger
                                      : scaled(reader, ArrowArrayViewGetIntUnsafe(view, row), reader.integers.size()));
      }
      return;
  }
}

base::Values finish(Reader& reader) {
  switch (reader.kind) {
    case Kind::Integer:
      if (!reader.as_text) return base::Integers{std::move(reader.integers)};
      [[fallthrough]];
    case Kind::Coded:
    case Kind::Nothing:
    case Kind::Text:
      return base::Category{std::move(reader.codes), reader.interner.finish()};
    case Kind::Real:
      return base::Reals{std::move(reader.reals)};
    case Kind::Boolean:
      return base::Booleans{std::move(reader.booleans)};
    case Kind::Time:
      return base::Times{std::move(reader.integers)};
    case Kind::Duration:
      return base::Durations{std::move(reader.integers)};
  }
  return base::Reals{};
}

[[noreturn]] void refuse_stream(const char* step, const char* said) {
  throw InvalidInput(std::string("the Arrow stream cannot be read (") + step +
                     "): " + quote_safe(said == nullptr ? "no reason given" : said, 400));
}

}  // namespace

base::Table read_arrow(ArrowArrayStream* stream, const ArrowReading& how, const base::Cancellation& cancellation) {
  nanoarrow::UniqueArrayStream owned(stream);
  nanoarrow::UniqueSchema schema;
  if (owned->get_schema(owned.get(), schema.get()) != 0) refuse_stream("schema", owned->get_last_error(owned.get()));
  if (schema->format == nullptr || std::string_view(schema->format) != "+s") {
    throw InvalidInput("the Arrow stream holds no table (one struct per batch); hand over a table or record batches");
  }
  std::vector<Reader> readers;
  for (std::int64_t k = 0; k < schema->n_children; ++k) readers.push_back(make_reader(schema->children[k], how));

  ArrowError error;
  constexpr std::int64_t rows_between_checks = 65'536;
  while (true) {
    nanoarrow::UniqueArray array;
    if (owned->get_next(owned.get(), array.get()) != 0) refuse_stream("next batch", owned->get_last_error(owned.get()));
    if (array->release == nullptr) break;
    nanoarrow::UniqueArrayView view;
    if (ArrowArrayViewInitFromSchema(view.get(), schema.get(), &error) != NANOARROW_OK ||
        ArrowArrayViewSetArray(view.get(), array.get(), &error) != NANOARROW_OK ||
        ArrowArrayViewValidate(view.get(), NANOARROW_VALIDATION_LEVEL_FULL, &error) != NANOARROW_OK) {
      refuse_stream("batch", error.message);
    }
    // Children are addressed in the struct's own offset.
    for (std::int64_t begin = 0; begin < array->length; begin += rows_between_checks) {
      cancellation.check();
      const std::int64_t end = std::min(array->length, begin + rows_between_checks);
      for (std::size_t k = 0; k < readers.size(); ++k) {
        read_column(readers[k], view->children[k], array->offset + begin, array->offset + end);
      }
    }
  }
  base::Table out;
  for (Reader& reader : readers) {
    std::string name = reader.name;
    out.add(std::move(name), finish(reader));
  }
  return out;
}

}  // namespace journeykit::events
