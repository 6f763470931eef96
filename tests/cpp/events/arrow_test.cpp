#include "journeykit/events/arrow.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "journeykit/base/error.hpp"
#include "nanoarrow/nanoarrow.hpp"

namespace journeykit::events {
namespace {

TEST(Arrow, every_column_type_survives_the_way_out_and_in_with_its_missing_values) {
  base::Category text = base::categorize({"退货", "", "a"});
  text.codes[1] = base::kMissingCode;
  base::Table table;
  table.add("text", text);
  table.add("integer", base::Integers{{1, base::kMissingInteger, -3}});
  table.add("real", base::Reals{{0.5, std::numeric_limits<double>::quiet_NaN(), -1e300}});
  table.add("time", base::Times{{1, base::kMissingInteger, -5}});
  table.add("duration", base::Durations{{7, base::kMissingInteger, 0}});
  table.add("boolean", base::Booleans{{1, 2, 0}});
  nanoarrow::UniqueArrayStream stream;
  write_arrow(table, stream.get());
  const base::Table back = read_arrow(stream.get(), {}, base::Cancellation());
  EXPECT_EQ(back.names(), table.names());
  const auto& words = std::get<base::Category>(*back.at("text").values);
  EXPECT_EQ(words.codes[1], base::kMissingCode);
  EXPECT_EQ(words.dictionary->values[words.codes[0]], "退货");
  EXPECT_EQ(words.dictionary->values[words.codes[2]], "a");
  EXPECT_EQ(std::get<base::Integers>(*back.at("integer").values).values,
            (std::vector<std::int64_t>{1, base::kMissingInteger, -3}));
  const auto& reals = std::get<base::Reals>(*back.at("real").values).values;
  EXPECT_EQ(reals[0], 0.5);
  EXPECT_TRUE(std::isnan(reals[1]));
  EXPECT_EQ(reals[2], -1e300);
  EXPECT_EQ(std::get<base::Times>(*back.at("time").values).values,
            (std::vector<std::int64_t>{1, base::kMissingInteger, -5}));
  EXPECT_EQ(std::get<base::Durations>(*back.at("duration").values).values,
            (std::vector<std::int64_t>{7, base::kMissingInteger, 0}));
  EXPECT_EQ(std::get<base::Booleans>(*back.at("boolean").values).values, (std::vector<std::uint8_t>{1, 2, 0}));
}

TEST(Arrow, identifiers_named_as_text_keep_no_number_type) {
  base::Table table;
  table.add("id", base::Integers{{7, base::kMissingInteger}});
  nanoarrow::UniqueArrayStream stream;
  write_arrow(table, stream.get());
  const base::Table back = read_arrow(stream.get(), {{"id"}}, base::Cancellation());
  const auto& ids = std::get<base::Category>(*back.at("id").values);
  EXPECT_EQ(ids.dictionary->values, (std::vector<std::string>{"7"}));
  EXPECT_EQ(ids.codes[1], base::kMissingCode);
}

TEST(Arrow, an_empty_table_goes_out_and_in) {
  base::Table table;
  table.add("x", base::Reals{});
  nanoarrow::UniqueArrayStream stream;
  write_arrow(table, stream.get());
  EXPECT_EQ(read_arrow(stream.get(), {}, base::Cancellation()).rows, 0U);
}

// One batch of one column, built by hand.
void one_time_column(ArrowTimeUnit unit, std::int64_t value, ArrowArrayStream* out) {
  nanoarrow::UniqueSchema schema;
  ArrowSchemaInit(schema.get());
  ASSERT_EQ(ArrowSchemaSetTypeStruct(schema.get(), 1), 0);
  ASSERT_EQ(ArrowSchemaSetTypeDateTime(schema->children[0], NANOARROW_TYPE_TIMESTAMP, unit, "UTC"), 0);
  ASSERT_EQ(ArrowSchemaSetName(schema->children[0], "t"), 0);
  nanoarrow::UniqueArray array;
  ASSERT_EQ(ArrowArrayInitFromSchema(array.get(), schema.get(), nullptr), 0);
  ASSERT_EQ(ArrowArrayStartAppending(array.get()), 0);
  ASSERT_EQ(ArrowArrayAppendInt(array->children[0], value), 0);
  ASSERT_EQ(ArrowArrayFinishElement(array.get()), 0);
  ASSERT_EQ(ArrowArrayFinishBuildingDefault(array.get(), nullptr), 0);
  ASSERT_EQ(ArrowBasicArrayStreamInit(out, schema.get(), 1), 0);
  ArrowBasicArrayStreamSetArray(out, 0, array.get());
}

TEST(Arrow, times_of_every_unit_become_nanoseconds) {
  const std::pair<ArrowTimeUnit, std::int64_t> units[] = {{NANOARROW_TIME_UNIT_SECOND, 1'000'000'000},
                                                          {NANOARROW_TIME_UNIT_MILLI, 1'000'000},
                                                          {NANOARROW_TIME_UNIT_MICRO, 1'000},
                                                          {NANOARROW_TIME_UNIT_NANO, 1}};
  for (const auto& [unit, factor] : units) {
    nanoarrow::UniqueArrayStream stream;
    one_time_column(unit, 3, stream.get());
    const base::Table back = read_arrow(stream.get(), {}, base::Cancellation());
    EXPECT_EQ(std::get<base::Times>(*back.at("t").values).values[0], 3 * factor);
  }
}

TEST(Arrow, a_time_beyond_the_nanosecond_range_is_refused) {
  nanoarrow::UniqueArrayStream stream;
  one_time_column(NANOARROW_TIME_UNIT_SECOND, 253'402'300'799, stream.get());  // year 9999
  EXPECT_THROW(read_arrow(stream.get(), {}, base::Cancellation()), base::InvalidInput);
}

}  // namespace
}  // namespace journeykit::events
