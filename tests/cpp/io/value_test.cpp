#include "journeykit/io/value.hpp"

#include <gtest/gtest.h>

#include "journeykit/io/json.hpp"
#include "small_stack.hpp"

namespace journeykit::io {
namespace {

// 1,000,000 arrays and objects, each inside the other: {"a": [{"a": [ … null … ]}]}
Value deep() {
  Value value;
  for (int k = 0; k < 500'000; ++k) {
    Array array;
    array.push_back(std::move(value));
    array.emplace_back(std::int64_t{7});
    Object object;
    object.push_back({"a", Value(std::move(array))});
    value = Value(std::move(object));
  }
  return value;
}

TEST(Value, a_million_levels_are_copied_compared_and_destroyed_on_a_small_stack) {
  test::on_small_stack([] {
    const Value one = deep();
    Value other = one;
    EXPECT_TRUE(one == other);
    other.object()->front().value.array()->back() = Value(std::int64_t{8});
    EXPECT_FALSE(one == other);
  });
}

TEST(Value, a_copy_shares_nothing_with_its_original) {
  const Value original = parse_json(R"({"a": [1, {"b": "x"}], "c": null})");
  Value copy = original;
  copy.object()->front().value.array()->front() = Value(true);
  EXPECT_EQ(original, parse_json(R"({"a": [1, {"b": "x"}], "c": null})"));
  EXPECT_NE(copy, original);
  copy = original;
  EXPECT_EQ(copy, original);
}

TEST(Value, kinds_and_member_order_count_in_comparison) {
  EXPECT_NE(Value(std::int64_t{1}), Value(1.0));
  EXPECT_NE(Value(), Value(false));
  EXPECT_NE(Value(Array{}), Value(Object{}));
  EXPECT_NE(parse_json(R"({"a": 1, "b": 2})"), parse_json(R"({"b": 2, "a": 1})"));
  EXPECT_NE(parse_json("[1]"), parse_json("[1, 1]"));
}

TEST(Value, accessors_of_another_kind_give_nullptr) {
  const Value text(std::string_view("x"));
  EXPECT_EQ(*text.text(), "x");
  EXPECT_EQ(text.integer(), nullptr);
  EXPECT_EQ(text.number(), nullptr);
  EXPECT_EQ(text.boolean(), nullptr);
  EXPECT_EQ(text.array(), nullptr);
  EXPECT_EQ(text.object(), nullptr);
}

}  // namespace
}  // namespace journeykit::io
