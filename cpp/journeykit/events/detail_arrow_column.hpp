// One column of an Arrow stream on its way into the engine, filled by stretches of rows from several threads.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/base/table.hpp"
#include "journeykit/events/arrow.hpp"
#include "journeykit/events/detail_interner.hpp"
#include "nanoarrow/nanoarrow.hpp"

namespace journeykit::events {

// One batch of the column: rows first_row … first_row + length of the source, from `offset` on in the view.
struct ColumnBatch {
  const ArrowArrayView* view = nullptr;
  std::int64_t offset = 0, length = 0;
  std::int64_t first_row = 0;
};

class ArrowColumn {
 public:
  // Throws Unsupported with the column's name for types that the engine does not read.
  ArrowColumn(const ArrowSchema* schema, const ArrowReading& how);

  const std::string& name() const { return name_; }
  // Makes room; `parts` stretches will be filled.
  void resize(std::size_t rows, std::size_t parts);
  // Fills the rows [begin, end), which are part `part`. Different parts may be filled at the same time.
  void fill(std::span<const ColumnBatch> batches, std::int64_t begin, std::int64_t end, std::size_t part,
            const base::Cancellation& cancellation);
  // After all parts: one dictionary for all of them.
  base::Values finish(std::span<const ColumnBatch> batches, std::span<const std::int64_t> part_begins,
                      const base::Cancellation& cancellation);

 private:
  enum class Kind { Text, Coded, Integer, Real, Boolean, Time, Nothing };
  static Kind kind_of(ArrowType type, const std::string& name);

  struct CodeMap {  // from the indices of a dictionary to codes; batches often share one
    const ArrowArrayView* dictionary = nullptr;
    std::vector<std::uint32_t> code_of;
  };

  bool has_codes() const;
  bool is_identifier() const;
  template <class Visit>
  void each_integer(const ColumnBatch& batch, std::int64_t begin, std::int64_t end, Visit&& visit) const;
  base::Category identifiers(std::span<const ColumnBatch> batches, const base::Cancellation& cancellation) const;
  void fill_text(const ColumnBatch& batch, std::int64_t begin, std::int64_t end, Interner& interner);
  void fill_coded(const ColumnBatch& batch, std::int64_t begin, std::int64_t end, CodeMap& known, Interner& interner);
  void fill_integers(const ColumnBatch& batch, std::int64_t begin, std::int64_t end);
  void fill_other(const ColumnBatch& batch, std::int64_t begin, std::int64_t end);
  std::int64_t integer_at(const ArrowArrayView* view, std::int64_t row) const;
  [[noreturn]] void refuse_time(std::int64_t row) const;

  std::string name_;
  Kind kind_ = Kind::Text;
  bool as_text_ = false;      // integers that are identifiers
  bool is_unsigned_ = false;  // 64 bits without a sign
  bool is_duration_ = false;
  std::int64_t unit_ns_ = 0;  // of a time or duration
  std::vector<std::string> missing_;
  std::vector<Interner> interners_;  // one for each part
  std::vector<std::uint32_t> codes_;
  std::vector<std::int64_t> integers_;
  std::vector<double> reals_;
  std::vector<std::uint8_t> booleans_;
};

}  // namespace journeykit::events
