// The whole numbers of an Arrow array in the type in which they are stored.
#pragma once

#include <cstdint>

#include "nanoarrow/nanoarrow.hpp"

namespace journeykit::events {

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
