#include "journeykit/events/keys.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "journeykit/base/checked.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/events/detail_batches.hpp"
#include "journeykit/events/detail_stored.hpp"

namespace journeykit::events {
namespace {

bool has_nulls(std::span<const ColumnBatch> column) {
  for (const ColumnBatch& batch : column) {
    if (!may_have_nulls(batch.view)) continue;
    for (std::int64_t k = 0; k < batch.length; ++k) {
      if (ArrowArrayViewIsNull(batch.view, batch.offset + k) != 0) return true;
    }
  }
  return false;
}

struct Range {
  std::int64_t low = std::numeric_limits<std::int64_t>::max(), high = std::numeric_limits<std::int64_t>::min();
};

Range range_of(std::span<const ColumnBatch> column) {
  Range out;
  for (const ColumnBatch& batch : column) {
    with_stored_integers(batch.view, batch.offset, [&](const auto* values) {
      auto low = values[0], high = values[0];
      for (std::int64_t k = 1; k < batch.length; ++k) {
        low = std::min(low, values[k]);
        high = std::max(high, values[k]);
      }
      out.low = std::min(out.low, static_cast<std::int64_t>(low));
      out.high = std::max(out.high, static_cast<std::int64_t>(high));
    });
  }
  return out;
}

bool any_missing(const base::Category& column) {
  return std::ranges::find(column.codes, base::kMissingCode) != column.codes.end();
}

}  // namespace

struct EventKeys::Columns {
  Batches batches;
  std::vector<ColumnBatch> cases, touchpoints, times;
  std::optional<base::Category> case_codes, touchpoint_codes;  // where the stored values are no numbers below a limit
  std::vector<std::vector<std::uint32_t>> code_maps;           // from the indices of a batch to touchpoints
  std::vector<std::size_t> map_of_batch;
  std::int64_t first_case = 0;
  std::size_t case_count = 0;
  std::int64_t unit_ns = 1;
  Range times_range;
  std::vector<std::string> names;

  bool map_dictionaries(const ArrowReading& how);
  // The batch that holds the row.
  std::size_t batch_of(std::size_t row) const {
    const auto after = std::ranges::upper_bound(times, static_cast<std::int64_t>(row), {}, &ColumnBatch::first_row);
    return static_cast<std::size_t>(after - times.begin()) - 1;
  }
};

// Numbers the texts of all dictionaries of the touchpoint column. False where one is missing, or no text.
bool EventKeys::Columns::map_dictionaries(const ArrowReading& how) {
  Interner interner;
  const ArrowArrayView* known = nullptr;
  for (const ColumnBatch& batch : touchpoints) {
    const ArrowArrayView* words = batch.view->dictionary;
    if (known == nullptr || !same_memory(*known, *words)) {
      // A dictionary longer than its rows is not worth reading whole.
      if (!is_text(words->storage_type) || words->length > batch.length + 1'000'000) return false;
      std::vector<std::uint32_t> map;
      for (std::int64_t k = 0; k < words->length; ++k) {
        if (ArrowArrayViewIsNull(words, k) != 0) return false;
        const ArrowStringView text = ArrowArrayViewGetStringUnsafe(words, k);
        const std::string_view word(text.data, static_cast<std::size_t>(text.size_bytes));
        if (std::ranges::find(how.missing, word) != how.missing.end()) return false;
        map.push_back(interner.code(word, "touchpoint"));
      }
      code_maps.push_back(std::move(map));
      known = words;
    }
    map_of_batch.push_back(code_maps.size() - 1);
  }
  names = std::move(interner).finish();
  return true;
}

EventKeys::EventKeys(std::unique_ptr<Columns> columns) : columns_(std::move(columns)) {}
EventKeys::EventKeys(EventKeys&&) noexcept = default;
EventKeys& EventKeys::operator=(EventKeys&&) noexcept = default;
EventKeys::~EventKeys() = default;

std::optional<EventKeys> EventKeys::open(ArrowArrayStream* stream, const KeyNames& names,
                                         const base::Cancellation& cancellation) {
  auto out = std::make_unique<Columns>();
  out->batches = read_batches(stream, cancellation);
  const Batches& batches = out->batches;
  if (batches.rows == 0 || batches.rows >= std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  const auto find = [&](const std::string& name) {
    std::size_t k = 0;
    while (k < batches.width() &&
           (batches.schema->children[k]->name == nullptr || name != batches.schema->children[k]->name))
      ++k;
    return k;
  };
  const std::size_t case_at = find(names.case_id), touchpoint_at = find(names.touchpoint), time_at = find(names.time);
  if (std::max({case_at, touchpoint_at, time_at}) >= batches.width()) return std::nullopt;
  for (const std::size_t k : {case_at, touchpoint_at, time_at}) {
    batches.validate(k);
    if (has_nulls(batches.column(k))) return std::nullopt;
  }
  out->cases = batches.column(case_at);
  out->touchpoints = batches.column(touchpoint_at);
  out->times = batches.column(time_at);

  ArrowError error;
  ArrowSchemaView time_type, case_type, touchpoint_type;
  if (ArrowSchemaViewInit(&time_type, batches.schema->children[time_at], &error) != NANOARROW_OK ||
      ArrowSchemaViewInit(&case_type, batches.schema->children[case_at], &error) != NANOARROW_OK ||
      ArrowSchemaViewInit(&touchpoint_type, batches.schema->children[touchpoint_at], &error) != NANOARROW_OK) {
    return std::nullopt;
  }
  if (time_type.type != NANOARROW_TYPE_TIMESTAMP) return std::nullopt;
  out->unit_ns = events::unit_ns(time_type.time_unit);
  const bool numbered = is_integer(case_type.type) && case_type.type != NANOARROW_TYPE_UINT64;
  Range ids;
  const unsigned threads = batches.rows < 131'072 ? 1 : 0;
  base::parallel_for(numbered ? 2 : 1, 1, threads, cancellation, [&](std::size_t k, std::size_t) {
    (k == 0 ? out->times_range : ids) = range_of(k == 0 ? out->times : out->cases);
  });
  const Range& times = out->times_range;
  const auto first = base::checked_product(times.low, out->unit_ns);
  const auto last = base::checked_product(times.high, out->unit_ns);
  if (!first || !last || *first == base::kMissingInteger || !base::checked_difference(*last, *first))
    return std::nullopt;

  const ArrowReading how{{}, names.missing};
  constexpr std::uint64_t sparse = 8;
  if (numbered) {
    const std::uint64_t width = static_cast<std::uint64_t>(ids.high) - static_cast<std::uint64_t>(ids.low);
    if (width / sparse > static_cast<std::uint64_t>(batches.rows) || width >= base::kMissingCode) return std::nullopt;
    out->first_case = ids.low;
    out->case_count = static_cast<std::size_t>(width) + 1;
  } else if (is_text(case_type.type) || case_type.type == NANOARROW_TYPE_DICTIONARY) {
    out->case_codes = std::get<base::Category>(read_column(batches, case_at, how, cancellation));
    if (any_missing(*out->case_codes)) return std::nullopt;
    out->case_count = out->case_codes->dictionary->values.size();
  } else {
    return std::nullopt;
  }
  if (is_text(touchpoint_type.type)) {
    out->touchpoint_codes = std::get<base::Category>(read_column(batches, touchpoint_at, how, cancellation));
    if (any_missing(*out->touchpoint_codes)) return std::nullopt;
    out->names = out->touchpoint_codes->dictionary->values;
  } else if (touchpoint_type.type != NANOARROW_TYPE_DICTIONARY || !out->map_dictionaries(how)) {
    return std::nullopt;
  }
  return EventKeys(std::move(out));
}

std::size_t EventKeys::row_count() const { return static_cast<std::size_t>(columns_->batches.rows); }
std::int64_t EventKeys::unit_ns() const { return columns_->unit_ns; }
std::int64_t EventKeys::first_time() const { return columns_->times_range.low; }
std::int64_t EventKeys::last_time() const { return columns_->times_range.high; }
std::size_t EventKeys::case_count() const { return columns_->case_count; }
const std::vector<std::string>& EventKeys::touchpoint_names() const { return columns_->names; }

void EventKeys::read(std::size_t begin, std::size_t end, std::uint32_t* cases, std::uint32_t* touchpoints,
                     std::int64_t* times) const {
  const Columns& c = *columns_;
  for (std::size_t b = c.batch_of(begin), row = begin; row < end; ++b) {
    const ColumnBatch& batch = c.times[b];
    const std::size_t stop = std::min(end, static_cast<std::size_t>(batch.first_row + batch.length));
    const std::int64_t at = batch.offset + static_cast<std::int64_t>(row) - batch.first_row;
    const std::size_t n = stop - row;
    with_stored_integers(batch.view, at, [&](const auto* values) {
      for (std::size_t k = 0; k < n; ++k) times[k] = static_cast<std::int64_t>(values[k]);
    });
    if (c.case_codes) {
      std::copy_n(c.case_codes->codes.begin() + static_cast<std::ptrdiff_t>(row), n, cases);
    } else {
      with_stored_integers(c.cases[b].view, at, [&](const auto* values) {
        for (std::size_t k = 0; k < n; ++k)
          cases[k] = static_cast<std::uint32_t>(static_cast<std::int64_t>(values[k]) - c.first_case);
      });
    }
    if (c.touchpoint_codes) {
      std::copy_n(c.touchpoint_codes->codes.begin() + static_cast<std::ptrdiff_t>(row), n, touchpoints);
    } else {
      const std::vector<std::uint32_t>& map = c.code_maps[c.map_of_batch[b]];
      bool sound = true;
      with_stored_integers(c.touchpoints[b].view, at, [&](const auto* indices) {
        for (std::size_t k = 0; k < n; ++k) {
          const auto index = static_cast<std::uint64_t>(indices[k]);
          sound = sound && index < map.size();
          touchpoints[k] = sound ? map[index] : 0;
        }
      });
      if (!sound) {
        throw base::InvalidInput("the touchpoint column has an index beyond its dictionary; the Arrow data is broken");
      }
    }
    row = stop;
    cases += n;
    touchpoints += n;
    times += n;
  }
}

}  // namespace journeykit::events
