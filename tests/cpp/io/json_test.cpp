#include "journeykit/io/json.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "journeykit/base/error.hpp"
#include "journeykit/io/cursor.hpp"
#include "small_stack.hpp"

namespace journeykit::io {
namespace {

// The message with which `text` is refused; empty when it is accepted.
std::string refusal(const std::string& text, const JsonLimits& limits = {}) {
  try {
    parse_json(text, limits);
    return "";
  } catch (const base::InvalidInput& error) {
    return error.what();
  }
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Json, whole_numbers_stay_whole_and_members_keep_their_order) {
  const Value value = parse_json(R"({"z": 9223372036854775807, "a": -9223372036854775808, "m": 1.0})");
  const Object& object = *value.object();
  EXPECT_EQ(object[0].key, "z");
  EXPECT_EQ(*object[0].value.integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(*object[1].value.integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(*object[2].value.number(), 1.0);
}

TEST(Json, depth_64_is_accepted_and_65_is_refused_on_a_small_stack) {
  test::on_small_stack([] {
    EXPECT_EQ(refusal(nested(64)), "");
    EXPECT_EQ(refusal(nested(65)), "JSON: nested deeper than 64 levels; flatten the document or raise the depth limit");
    EXPECT_EQ(refusal(nested(65), {.depth = 65}), "");
    EXPECT_EQ(parse_json(nested(100'000), {.depth = 100'000}), parse_json(nested(100'000), {.depth = 100'000}));
    const Value deep = parse_json(nested(2'000), {.depth = 2'000});
    EXPECT_EQ(parse_json(write_json(deep), {.depth = 2'000}), deep);
  });
}

TEST(Json, half_a_million_open_brackets_are_refused_by_depth) {
  EXPECT_NE(refusal(std::string(512'000, '[')).find("nested deeper than 64"), std::string::npos);
  std::string objects;
  for (int k = 0; k < 200'000; ++k) objects += R"({"a":)";
  EXPECT_NE(refusal(objects).find("nested deeper than 64"), std::string::npos);
}

TEST(Json, a_nul_byte_is_refused_wherever_it_stands) {
  EXPECT_EQ(refusal(std::string("{\"a\":1}\0garbage", 15)),
            "JSON: NUL byte at line 1, column 8; save the text as UTF-8 without NUL bytes");
  EXPECT_NE(refusal(std::string("\"a\0b\"", 5)), "");
  EXPECT_EQ(refusal(R"("a\u0000b")"), "");  // an escaped NUL is text like any other
}

TEST(Json, a_key_that_stands_twice_is_refused_with_its_place) {
  EXPECT_EQ(refusal(R"({"x": [0, {"id": 1, "id": 2}]})"),
            "JSON: key 'id' stands twice in the object /x/1; keep one of them");
  EXPECT_NE(refusal(R"({"a": 1, "\u0061": 2})"), "");  // equal once read
}

TEST(Json, a_utf8_byte_order_mark_is_skipped_and_other_encodings_are_refused) {
  EXPECT_EQ(parse_json("\xEF\xBB\xBF{}"), Value(Object{}));
  EXPECT_NE(refusal("\xEF\xBB\xBF\xEF\xBB\xBF{}"), "");
  EXPECT_EQ(refusal(std::string("\xFF\xFE{\0}\0", 6)), "JSON: the text is UTF-16 or UTF-32; save it as UTF-8");
  EXPECT_EQ(refusal("[\"\xFF\"]"), "JSON: the text is not valid UTF-8; save it as UTF-8");
  EXPECT_NE(refusal("[\"\xED\xA0\x80\"]"), "");  // a surrogate
  EXPECT_NE(refusal(R"(["\ud800"])"), "");
}

TEST(Json, numbers_that_would_change_in_silence_are_refused) {
  EXPECT_EQ(refusal(R"({"a": [1e400]})"),
            "JSON /a/0: this number is beyond the range of a double (about 1.8e308); write a smaller one");
  EXPECT_EQ(
      refusal("9223372036854775808"),
      "JSON /: this whole number does not fit into 64 bits (−2^63 … 2^63−1); write it with a decimal point when a "
      "rounded number will do, or as text");
  EXPECT_NE(refusal("-9223372036854775809"), "");
  EXPECT_NE(refusal("18446744073709551616"), "");
  EXPECT_EQ(*parse_json("9223372036854775808.0").number(), 9223372036854775808.0);
  EXPECT_EQ(*parse_json("1e-400").number(), 0.0);
  EXPECT_NE(refusal("NaN"), "");
}

TEST(Json, syntax_errors_name_line_and_column_and_quote_nothing_of_the_user) {
  EXPECT_EQ(refusal("{\n  \"a\": <secret>\n}").substr(0, 34), "JSON: not valid at line 2, column ");
  EXPECT_EQ(refusal("{\n  \"a\": <secret>\n}").find("secret"), std::string::npos);
  EXPECT_EQ(refusal("[-\u00e9; expected secret]"), "JSON: not valid at line 1, column 3; expected digit after '-'");
  EXPECT_EQ(refusal("[1.secret]").find("secret"), std::string::npos);
  EXPECT_EQ(refusal("[1, 2").substr(0, 49), "JSON: the text ends too early, at line 1, column ");
  EXPECT_NE(refusal(""), "");
  EXPECT_NE(refusal("   "), "");
}

TEST(Json, more_bytes_than_the_limit_are_refused) {
  EXPECT_EQ(refusal("[1, 2]", {.bytes = 5}),
            "JSON: 6 bytes are more than the limit of 5; raise the limit or split the document");
}

TEST(Json, every_prefix_of_a_document_is_refused) {
  const std::string text = R"({"a": [1.5e3, true, null, "\u00e9\n"], "b": {"c": -1}})";
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_NE(refusal(text.substr(0, size)), "") << size;
  EXPECT_EQ(refusal(text), "");
}

TEST(Json, keys_in_the_hundred_thousands_are_checked_quickly) {
  std::string text = "{";
  for (int k = 0; k < 200'000; ++k) text += (k == 0 ? "\"" : ",\"") + std::to_string(k) + "\":0";
  EXPECT_EQ(refusal(text + "}"), "");
  EXPECT_NE(refusal(text + R"(,"77":0})").find("key '77' stands twice"), std::string::npos);
}

TEST(Json, is_written_one_member_a_line_with_short_plain_arrays_inline) {
  const Value value = parse_json(R"({"a":[1,2.5,"x"],"b":{},"c":[],"d":[[1],{"e":null}],"f":true})");
  EXPECT_EQ(write_json(value), R"({
  "a": [1, 2.5, "x"],
  "b": {},
  "c": [],
  "d": [
    [1],
    {
      "e": null
    }
  ],
  "f": true
}
)");
}

TEST(Json, an_array_wider_than_100_characters_is_broken) {
  Array array(60, Value(std::int64_t{1}));
  const std::string text = write_json(Value(array));
  EXPECT_EQ(text.substr(0, 9), "[\n  1,\n  ");
  EXPECT_EQ(parse_json(text), Value(std::move(array)));
}

TEST(Json, doubles_are_written_in_the_shortest_form_that_reads_back) {
  EXPECT_EQ(write_json(Value(0.1)), "0.1\n");
  EXPECT_EQ(write_json(Value(12.0)), "12.0\n");
  EXPECT_EQ(write_json(Value(-0.0)), "-0.0\n");
  EXPECT_EQ(write_json(Value(1e300)), "1e+300\n");
  std::mt19937_64 random(7);
  for (int k = 0; k < 10'000; ++k) {
    const double number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) continue;
    const Value back = parse_json(write_json(Value(number)));
    ASSERT_NE(back.number(), nullptr);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(*back.number()), std::bit_cast<std::uint64_t>(number));
  }
}

TEST(Json, nan_infinity_and_broken_text_cannot_be_written) {
  EXPECT_THROW(write_json(Value(std::nan(""))), base::InvalidInput);
  EXPECT_THROW(write_json(Value(INFINITY)), base::InvalidInput);
  EXPECT_THROW(write_json(Value(std::string("\xFF"))), base::InvalidInput);
}

TEST(Json, text_with_control_characters_quotes_and_emoji_reads_back_equal) {
  std::string text = "\"\\/\b\f\n\r\t\x7F 👩‍👩‍👧 客服 \xE2\x80\xA8";
  text += '\0';
  EXPECT_EQ(parse_json(write_json(Value(text))), Value(text));
  EXPECT_EQ(write_json(Value(std::string("a\n\x01"))), "\"a\\n\\u0001\"\n");
}

TEST(Cursor, each_error_begins_with_the_json_pointer) {
  const Value root = parse_json(R"({"touchpoints": [{"stage": 5, "a/b": 1.5, "n": 3.0, "t": true}]})");
  const Cursor document(root);
  const Cursor list = document.at("touchpoints");
  const Cursor first = list.at(0);
  const auto message = [](const auto& read) {
    try {
      read();
      return std::string();
    } catch (const base::InvalidInput& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(message([&] { first.at("stage").text(); }), "/touchpoints/0/stage: expected text, got whole number 5");
  EXPECT_EQ(message([&] { first.at("a/b").integer(); }),
            "/touchpoints/0/a~1b: expected a whole number, got number 1.5");
  EXPECT_EQ(first.at("n").integer(), 3);
  EXPECT_EQ(first.at("stage").number(), 5.0);
  EXPECT_TRUE(first.at("t").boolean());
  EXPECT_EQ(message([&] { first.at("stage").boolean(); }),
            "/touchpoints/0/stage: expected true or false, got whole number 5");
  EXPECT_EQ(message([&] { first.at("t").number(); }), "/touchpoints/0/t: expected a number, got true");
  EXPECT_EQ(message([&] { first.at("gone"); }), "/touchpoints/0: field 'gone' is missing");
  EXPECT_EQ(message([&] { list.find("x"); }), "/touchpoints: expected an object, got array");
  EXPECT_EQ(message([&] { document.size(); }), "/: expected an array, got object");
  EXPECT_EQ(message([&] { list.at(1); }), "/touchpoints: has no element 1");
  const std::vector<std::string> known = {"stage", "a/b", "n", "tags"};
  EXPECT_EQ(message([&] { first.only(known); }), "/touchpoints/0: unknown field 't'; nearest: 'n'");
  EXPECT_FALSE(document.find("stages").has_value());
}

TEST(Cursor, a_whole_number_beyond_2_to_the_53_is_refused_when_written_as_a_double) {
  const Value root = parse_json("1e300");
  EXPECT_THROW(Cursor(root).integer(), base::InvalidInput);
  const Value exact = parse_json("9007199254740992.0");
  EXPECT_EQ(Cursor(exact).integer(), 9007199254740992);
}

}  // namespace
}  // namespace journeykit::io
