#include "journeykit/io/value.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include "journeykit/io/json.hpp"

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
  struct Answer {
    bool equal = false, different = true;
  } answer;
  const auto work = [](void* out) -> void* {
    const Value one = deep();
    Value other = one;
    static_cast<Answer*>(out)->equal = one == other;
    other.object()->front().value.array()->back() = Value(std::int64_t{8});
    static_cast<Answer*>(out)->different = one == other;
    return nullptr;
  };
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::size_t{512} << 10U), 0);
  pthread_t thread{};
  ASSERT_EQ(pthread_create(&thread, &attributes, work, &answer), 0);
  pthread_join(thread, nullptr);
  EXPECT_TRUE(answer.equal);
  EXPECT_FALSE(answer.different);
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
