#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <limits>

#include "journeykit/base/checked.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/base/text_order.hpp"
#include "journeykit/events/detail_arrow_column.hpp"
#include "journeykit/events/detail_stored.hpp"

namespace journeykit::events {
namespace {

using base::InvalidInput;
using base::kMissingCode;
using base::kMissingInteger;
using base::quote_safe;

[[noreturn]] void refuse_type(const std::string& name, const char* type) {
  throw base::Unsupported("column " + quote_safe(name) + " has the Arrow type " + type +
                          "; expected text, dictionary, whole or decimal numbers, booleans, dates, timestamps or "
                          "durations: cast it or leave it out");
}

std::string_view text_at(const ArrowArrayView* view, std::int64_t row) {
  const ArrowStringView text = ArrowArrayViewGetStringUnsafe(view, row);
  return {text.data, static_cast<std::size_t>(text.size_bytes)};
}

}  // namespace

ArrowColumn::Kind ArrowColumn::kind_of(ArrowType type, const std::string& name) {
  if (is_text(type)) return Kind::Text;
  if (is_integer(type)) return Kind::Integer;
  switch (type) {
    case NANOARROW_TYPE_HALF_FLOAT:
    case NANOARROW_TYPE_FLOAT:
    case NANOARROW_TYPE_DOUBLE:
      return Kind::Real;
    case NANOARROW_TYPE_BOOL:
      return Kind::Boolean;
    case NANOARROW_TYPE_DATE32:
    case NANOARROW_TYPE_DATE64:
    case NANOARROW_TYPE_TIMESTAMP:
    case NANOARROW_TYPE_DURATION:
      return Kind::Time;
    case NANOARROW_TYPE_NA:
      return Kind::Nothing;
    default:
      refuse_type(name, ArrowTypeString(type));
  }
}

ArrowColumn::ArrowColumn(const ArrowSchema* schema, const ArrowReading& how)
    : name_(schema->name == nullptr ? "" : schema->name), missing_(how.missing) {
  ArrowSchemaView view;
  ArrowError error;
  if (ArrowSchemaViewInit(&view, schema, &error) != NANOARROW_OK) refuse_type(name_, schema->format);
  as_text_ = std::ranges::find(how.as_text, name_) != how.as_text.end();
  if (view.type == NANOARROW_TYPE_DICTIONARY) {
    ArrowSchemaView values;
    if (ArrowSchemaViewInit(&values, schema->dictionary, &error) != NANOARROW_OK) refuse_type(name_, "dictionary");
    const Kind kind = kind_of(values.type, name_);
    if (kind != Kind::Text && kind != Kind::Integer) refuse_type(name_, "dictionary of neither text nor whole numbers");
    kind_ = Kind::Coded;
    is_unsigned_ = values.type == NANOARROW_TYPE_UINT64;
    return;
  }
  kind_ = kind_of(view.type, name_);
  is_unsigned_ = view.type == NANOARROW_TYPE_UINT64;
  is_duration_ = view.type == NANOARROW_TYPE_DURATION;
  if (view.type == NANOARROW_TYPE_TIMESTAMP || is_duration_) unit_ns_ = events::unit_ns(view.time_unit);
  if (view.type == NANOARROW_TYPE_DATE32) unit_ns_ = 86'400LL * 1'000'000'000;
  if (view.type == NANOARROW_TYPE_DATE64) unit_ns_ = 1'000'000;
}

bool ArrowColumn::is_identifier() const { return kind_ == Kind::Integer && as_text_; }

bool ArrowColumn::has_codes() const { return kind_ == Kind::Text || kind_ == Kind::Coded || kind_ == Kind::Nothing; }

void ArrowColumn::resize(std::size_t rows, std::size_t parts) {
  if (has_codes()) {
    codes_.resize(rows, kMissingCode);
    interners_.resize(parts);
  } else if (kind_ == Kind::Real) {
    reals_.resize(rows);
  } else if (kind_ == Kind::Boolean) {
    booleans_.resize(rows);
  } else if (!is_identifier()) {
    integers_.resize(rows);
  }
}

void ArrowColumn::fill(std::span<const ColumnBatch> batches, std::int64_t begin, std::int64_t end, std::size_t part,
                       const base::Cancellation& cancellation) {
  constexpr std::int64_t rows_between_checks = 65'536;
  if (kind_ == Kind::Nothing || is_identifier()) return;
  CodeMap coded;
  for (const ColumnBatch& batch : batches) {
    const std::int64_t last = std::min(end, batch.first_row + batch.length);
    for (std::int64_t row = std::max(begin, batch.first_row); row < last;) {
      cancellation.check();
      const std::int64_t stop = std::min(last, row + rows_between_checks);
      if (kind_ == Kind::Text) {
        fill_text(batch, row, stop, interners_[part]);
      } else if (kind_ == Kind::Coded) {
        fill_coded(batch, row, stop, coded, interners_[part]);
      } else if (kind_ == Kind::Integer || kind_ == Kind::Time) {
        fill_integers(batch, row, stop);
      } else {
        fill_other(batch, row, stop);
      }
      row = stop;
    }
  }
}

void ArrowColumn::fill_text(const ColumnBatch& batch, std::int64_t begin, std::int64_t end, Interner& interner) {
  constexpr std::int64_t at_once = 256;
  std::array<std::string_view, at_once> texts;
  const bool nulls = may_have_nulls(batch.view);
  for (std::int64_t row = begin; row < end; row += at_once) {
    const std::int64_t n = std::min(at_once, end - row);
    const std::int64_t at = batch.offset + row - batch.first_row;
    std::uint32_t* out = codes_.data() + row;
    if (!nulls) {
      for (std::int64_t k = 0; k < n; ++k) texts[static_cast<std::size_t>(k)] = text_at(batch.view, at + k);
      interner.codes(std::span(texts).first(static_cast<std::size_t>(n)), out, name_);
      continue;
    }
    for (std::int64_t k = 0; k < n; ++k) {
      out[k] = ArrowArrayViewIsNull(batch.view, at + k) != 0 ? kMissingCode
                                                             : interner.code(text_at(batch.view, at + k), name_);
    }
  }
}

void ArrowColumn::fill_coded(const ColumnBatch& batch, std::int64_t begin, std::int64_t end, CodeMap& known,
                             Interner& interner) {
  const ArrowArrayView* values = batch.view->dictionary;
  const bool text = kind_of(values->storage_type, name_) == Kind::Text;
  constexpr std::uint32_t unseen = kMissingCode - 1;
  if (known.dictionary == nullptr || !same_memory(*known.dictionary, *values)) {
    known.dictionary = values;
    known.code_of.assign(static_cast<std::size_t>(values->length), unseen);
  }
  const auto code_at = [&](std::int64_t row, std::int64_t index) {
    if (index < 0 || index >= values->length) {
      throw InvalidInput("column " + quote_safe(name_) + ", row " + std::to_string(row) + ": dictionary index " +
                         std::to_string(index) + " of " + std::to_string(values->length) +
                         " values; the Arrow data is broken");
    }
    std::uint32_t& code = known.code_of[static_cast<std::size_t>(index)];
    if (code == unseen) {
      if (ArrowArrayViewIsNull(values, index) != 0) {
        code = kMissingCode;
      } else {
        code = text ? interner.code(text_at(values, index), name_)
                    : interner.code(std::to_string(integer_at(values, index)), name_);
      }
    }
    return code;
  };
  const bool nulls = may_have_nulls(batch.view);
  const std::int64_t first = batch.offset + begin - batch.first_row;
  with_stored_integers(batch.view, first, [&](const auto* indices) {
    for (std::int64_t row = begin; row < end; ++row) {
      const bool null = nulls && ArrowArrayViewIsNull(batch.view, first + row - begin) != 0;
      codes_[static_cast<std::size_t>(row)] =
          null ? kMissingCode : code_at(row, static_cast<std::int64_t>(indices[row - begin]));
    }
  });
}

std::int64_t ArrowColumn::integer_at(const ArrowArrayView* view, std::int64_t row) const {
  if (!is_unsigned_) return ArrowArrayViewGetIntUnsafe(view, row);
  const std::uint64_t value = ArrowArrayViewGetUIntUnsafe(view, row);
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw InvalidInput("column " + quote_safe(name_) + " has " + std::to_string(value) +
                       "; whole numbers up to 9223372036854775807 fit: read the column as text");
  }
  return static_cast<std::int64_t>(value);
}

void ArrowColumn::refuse_time(std::int64_t row) const {
  throw InvalidInput(
      "column " + quote_safe(name_) + ", row " + std::to_string(row) +
      " (counted from 0): the time lies outside 1677-09-21 … 2262-04-11; mend the date or leave the row out");
}

void ArrowColumn::fill_integers(const ColumnBatch& batch, std::int64_t begin, std::int64_t end) {
  const ArrowArrayView* view = batch.view;
  const std::int64_t first = batch.offset + begin - batch.first_row;
  const bool plain = !is_unsigned_ && !may_have_nulls(view);
  const bool time = kind_ == Kind::Time;
  std::int64_t* out = integers_.data() + begin;
  if (plain) {
    // The largest number of units that fits, so that the loop needs no check of each product.
    const std::int64_t most = time ? std::numeric_limits<std::int64_t>::max() / unit_ns_ : 0;
    const std::int64_t unit = time ? unit_ns_ : 1;
    bool fits = true;
    with_stored_integers(view, first, [&](const auto* values) {
      for (std::int64_t k = 0; k < end - begin; ++k) {
        const auto value = static_cast<std::int64_t>(values[k]);
        fits = fits && (!time || (value <= most && value >= -most));
        out[k] = fits ? value * unit : 0;
      }
    });
    if (fits) return;
  }
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t at = first + row - begin;
    std::int64_t value = kMissingInteger;
    if (ArrowArrayViewIsNull(view, at) == 0) {
      value = integer_at(view, at);
      if (time) {
        const auto ns = base::checked_product(value, unit_ns_);
        if (!ns || *ns == kMissingInteger) refuse_time(row);
        value = *ns;
      }
    }
    integers_[static_cast<std::size_t>(row)] = value;
  }
}

void ArrowColumn::fill_other(const ColumnBatch& batch, std::int64_t begin, std::int64_t end) {
  const ArrowArrayView* view = batch.view;
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t at = batch.offset + row - batch.first_row;
    const bool null = ArrowArrayViewIsNull(view, at) != 0;
    if (kind_ == Kind::Real) {
      reals_[static_cast<std::size_t>(row)] =
          null ? std::numeric_limits<double>::quiet_NaN() : ArrowArrayViewGetDoubleUnsafe(view, at);
    } else {
      booleans_[static_cast<std::size_t>(row)] =
          null ? std::uint8_t{2} : static_cast<std::uint8_t>(ArrowArrayViewGetIntUnsafe(view, at));
    }
  }
}

// visit(row, number) for each known number of the rows.
template <class Visit>
void ArrowColumn::each_integer(const ColumnBatch& batch, std::int64_t begin, std::int64_t end, Visit&& visit) const {
  const std::int64_t first = batch.offset + begin - batch.first_row;
  const bool nulls = may_have_nulls(batch.view);
  if (is_unsigned_ || nulls) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t at = first + row - begin;
      if (!nulls || ArrowArrayViewIsNull(batch.view, at) == 0) visit(row, integer_at(batch.view, at));
    }
    return;
  }
  with_stored_integers(batch.view, first, [&](const auto* values) {
    for (std::int64_t row = begin; row < end; ++row) visit(row, static_cast<std::int64_t>(values[row - begin]));
  });
}

// Whole numbers that are names, as text in byte order.
base::Category ArrowColumn::identifiers(std::span<const ColumnBatch> batches,
                                        const base::Cancellation& cancellation) const {
  std::int64_t rows = 0, low = std::numeric_limits<std::int64_t>::max(), high = kMissingInteger;
  for (const ColumnBatch& batch : batches) {
    const std::int64_t end = batch.first_row + batch.length;
    each_integer(batch, batch.first_row, end, [&](std::int64_t, std::int64_t v) {
      low = std::min(low, v);
      high = std::max(high, v);
    });
    rows = end;
  }
  base::Category out{std::vector<std::uint32_t>(static_cast<std::size_t>(rows), kMissingCode), nullptr};
  auto dictionary = std::make_shared<base::Dictionary>();
  const auto recode = [&](const auto& code_of) {
    constexpr std::size_t rows_at_once = std::size_t{1} << 17U;
    for (const ColumnBatch& batch : batches) {
      base::parallel_for(static_cast<std::size_t>(batch.length), rows_at_once, 0, cancellation,
                         [&](std::size_t begin, std::size_t end) {
                           each_integer(batch, batch.first_row + static_cast<std::int64_t>(begin),
                                        batch.first_row + static_cast<std::int64_t>(end),
                                        [&](std::int64_t row, std::int64_t v) {
                                          out.codes[static_cast<std::size_t>(row)] = code_of(v);
                                        });
                         });
    }
  };
  const auto in_byte_order = [&](const std::vector<std::string>& texts, const auto& set_code) {
    for (const std::uint32_t position : base::byte_order(texts, cancellation)) {
      set_code(position, static_cast<std::uint32_t>(dictionary->values.size()));
      dictionary->values.push_back(texts[position]);
    }
  };
  std::vector<std::string> texts;
  const std::uint64_t width = low > high ? 0 : static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  if (low > high) {
    // no known value
  } else if (width / 8 <= static_cast<std::uint64_t>(rows) && width < kMissingCode) {
    // A table of all numbers between the ends costs less than looking for each.
    std::vector<std::uint32_t> code_of(static_cast<std::size_t>(width) + 1, kMissingCode), numbers;
    for (const ColumnBatch& batch : batches) {
      each_integer(batch, batch.first_row, batch.first_row + batch.length,
                   [&](std::int64_t, std::int64_t v) { code_of[static_cast<std::size_t>(v - low)] = 0; });
    }
    cancellation.check();
    for (std::size_t k = 0; k < code_of.size(); ++k) {
      if (code_of[k] == kMissingCode) continue;
      numbers.push_back(static_cast<std::uint32_t>(k));
      texts.push_back(std::to_string(low + static_cast<std::int64_t>(k)));
    }
    in_byte_order(texts, [&](std::uint32_t position, std::uint32_t code) { code_of[numbers[position]] = code; });
    recode([&](std::int64_t v) { return code_of[static_cast<std::size_t>(v - low)]; });
  } else {
    boost::unordered_flat_map<std::int64_t, std::uint32_t> code_of;
    std::vector<std::int64_t> numbers;
    for (const ColumnBatch& batch : batches) {
      each_integer(batch, batch.first_row, batch.first_row + batch.length, [&](std::int64_t row, std::int64_t v) {
        if (row % 65'536 == 0) cancellation.check();
        if (!code_of.try_emplace(v, 0).second) return;
        numbers.push_back(v);
        texts.push_back(std::to_string(v));
      });
    }
    in_byte_order(texts, [&](std::uint32_t position, std::uint32_t code) { code_of[numbers[position]] = code; });
    recode([&](std::int64_t v) { return code_of.find(v)->second; });
  }
  out.dictionary = std::move(dictionary);
  return out;
}

base::Values ArrowColumn::finish(std::span<const ColumnBatch> batches, std::span<const std::int64_t> part_begins,
                                 const base::Cancellation& cancellation) {
  if (kind_ == Kind::Real) return base::Reals{std::move(reals_)};
  if (kind_ == Kind::Boolean) return base::Booleans{std::move(booleans_)};
  if (!has_codes()) {
    if (is_identifier()) return identifiers(batches, cancellation);
    if (kind_ == Kind::Integer) return base::Integers{std::move(integers_)};
    if (is_duration_) return base::Durations{std::move(integers_)};
    return base::Times{std::move(integers_)};
  }
  Interner all = interners_.empty() ? Interner() : std::move(interners_.front());
  for (std::size_t part = 1; part < interners_.size(); ++part) {
    const std::vector<std::uint32_t> code_of = all.absorb(std::move(interners_[part]));
    const std::size_t end =
        part + 1 < part_begins.size() ? static_cast<std::size_t>(part_begins[part + 1]) : codes_.size();
    for (auto row = static_cast<std::size_t>(part_begins[part]); row < end; ++row) {
      if (codes_[row] != kMissingCode) codes_[row] = code_of[codes_[row]];
    }
  }
  for (const std::string& text : missing_) {
    const auto at = std::ranges::find(all.values(), text);
    if (at != all.values().end()) {
      std::ranges::replace(codes_, static_cast<std::uint32_t>(at - all.values().begin()), kMissingCode);
    }
  }
  auto dictionary = std::make_shared<base::Dictionary>();
  dictionary->values = std::move(all).finish();
  return base::Category{std::move(codes_), std::move(dictionary)};
}

}  // namespace journeykit::events
