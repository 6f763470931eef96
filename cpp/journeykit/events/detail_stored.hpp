// Arrow types as the engine groups them, and the whole numbers of an array in the type in which they are stored.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "nanoarrow/nanoarrow.hpp"

namespace journeykit::events {

inline bool is_text(ArrowType type) {
  return type == NANOARROW_TYPE_STRING || type == NANOARROW_TYPE_LARGE_STRING || type == NANOARROW_TYPE_STRING_VIEW;
}

inline bool is_integer(ArrowType type) {
  switch (type) {
    case NANOARROW_TYPE_INT8:
    case NANOARROW_TYPE_INT16:
    case NANOARROW_TYPE_INT32:
    case NANOARROW_TYPE_INT64:
    case NANOARROW_TYPE_UINT8:
    case NANOARROW_TYPE_UINT16:
    case NANOARROW_TYPE_UINT32:
    case NANOARROW_TYPE_UINT64:
      return true;
    default:
      return false;
  }
}

inline std::int64_t unit_ns(ArrowTimeUnit unit) {
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

// Whether two flat arrays that live at the same time are one stretch of the same memory.
inline bool same_memory(const ArrowArrayView& a, const ArrowArrayView& b) {
  if (a.storage_type != b.storage_type || a.length != b.length || a.offset != b.offset ||
      a.n_variadic_buffers != b.n_variadic_buffers) {
    return false;
  }
  const auto same_buffer = [](const ArrowBufferView& x, const ArrowBufferView& y) {
    return x.data.data == y.data.data && x.size_bytes == y.size_bytes;
  };
  const auto n = static_cast<std::size_t>(a.n_variadic_buffers);
  return std::ranges::equal(a.buffer_views, b.buffer_views, same_buffer) &&
         std::ranges::equal(std::span(a.variadic_buffers, n), std::span(b.variadic_buffers, n)) &&
         std::ranges::equal(std::span(a.variadic_buffer_sizes, n), std::span(b.variadic_buffer_sizes, n));
}

inline bool may_have_nulls(const ArrowArrayView* view) {
  return view->null_count != 0 && view->buffer_views[0].data.data != nullptr;
}

template <class T>
const T* stored(const ArrowArrayView* view, std::int64_t row) {
  return reinterpret_cast<const T*>(view->buffer_views[1].data.data) + view->offset + row;
}

// work(values from row `row` on).
template <class Work>
void with_stored_integers(const ArrowArrayView* view, std::int64_t row, Work&& work) {
  switch (view->storage_type) {
    case NANOARROW_TYPE_INT8:
      return work(stored<std::int8_t>(view, row));
    case NANOARROW_TYPE_INT16:
      return work(stored<std::int16_t>(view, row));
    case NANOARROW_TYPE_INT32:
      return work(stored<std::int32_t>(view, row));
    case NANOARROW_TYPE_UINT8:
      return work(stored<std::uint8_t>(view, row));
    case NANOARROW_TYPE_UINT16:
      return work(stored<std::uint16_t>(view, row));
    case NANOARROW_TYPE_UINT32:
      return work(stored<std::uint32_t>(view, row));
    default:  // 64 bits; those without a sign are checked by the caller
      return work(stored<std::int64_t>(view, row));
  }
}

}  // namespace journeykit::events
