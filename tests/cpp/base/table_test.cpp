#include "journeykit/base/table.hpp"

#include <gtest/gtest.h>

#include "journeykit/base/error.hpp"
#include "journeykit/base/random.hpp"

namespace journeykit::base {
namespace {

Table two_columns() {
  Table table;
  table.add("name", categorize({"b", "a", "b"}));
  table.add("n", Integers{{1, 2, 3}});
  return table;
}

TEST(Table, refuses_a_second_column_of_one_name_and_another_length) {
  Table table = two_columns();
  EXPECT_THROW(table.add("n", Integers{{1, 2, 3}}), InvalidInput);
  EXPECT_THROW(table.add("m", Integers{{1}}), InvalidInput);
  EXPECT_THROW(table.replace("n", Integers{{1}}), InvalidInput);
  EXPECT_THROW(table.replace("m", Integers{{1, 2, 3}}), NotFound);
  EXPECT_EQ(table.columns.size(), 2U);
}

TEST(Table, take_gathers_rows_and_shares_the_dictionary) {
  const Table table = two_columns();
  const Table taken = take(table, {2, 0});
  EXPECT_EQ(std::get<Integers>(*taken.at("n").values).values, (std::vector<std::int64_t>{3, 1}));
  const auto& names = std::get<Category>(*taken.at("name").values);
  EXPECT_EQ(names.dictionary->values[names.codes[0]], "b");
  EXPECT_EQ(names.dictionary, std::get<Category>(*table.at("name").values).dictionary);
  EXPECT_EQ(taken.rows, 2U);
}

TEST(Categorize, orders_the_dictionary_by_bytes) {
  const Category out = categorize({"b", "a", "B", "a"});
  EXPECT_EQ(out.dictionary->values, (std::vector<std::string>{"B", "a", "b"}));
  EXPECT_EQ(out.codes, (std::vector<std::uint32_t>{2, 1, 0, 1}));
}

TEST(TextOf, whole_numbers_and_booleans_become_text_and_decimals_do_not) {
  const auto numbers = text_of(Integers{{10, kMissingInteger, 9}});
  ASSERT_TRUE(numbers);
  EXPECT_EQ(numbers->dictionary->values[numbers->codes[0]], "10");
  EXPECT_EQ(numbers->codes[1], kMissingCode);
  EXPECT_EQ(text_of(Booleans{{1, 2}})->codes[1], kMissingCode);
  EXPECT_FALSE(text_of(Reals{{1.0}}));
  EXPECT_FALSE(text_of(Times{{1}}));
}

// First output of SplitMix64 from state 0, as published with xoshiro.di.unimi.it/splitmix64.c.
TEST(Random, mix_is_splitmix64) { EXPECT_EQ(mix(0), 0xE220A8397B1DCDAFULL); }

TEST(Random, hash_depends_on_seed_and_name_and_unit_interval_stays_below_one) {
  EXPECT_NE(hash(1, "a"), hash(2, "a"));
  EXPECT_NE(hash(1, "a"), hash(1, "b"));
  EXPECT_LT(unit_interval(~0ULL), 1.0);
  EXPECT_EQ(unit_interval(0), 0.0);
}

}  // namespace
}  // namespace journeykit::base
