#include "journeykit/base/error.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace journeykit::base {
namespace {

TEST(QuoteSafe, escapes_control_and_bidirectional_characters) {
  EXPECT_EQ(quote_safe("a\x1b[2J"), "'a\\u001b[2J'");
  EXPECT_EQ(quote_safe("x\u202Ey"), "'x\\u202ey'");
  EXPECT_EQ(quote_safe("退货"), "'退货'");
}

TEST(QuoteSafe, shows_broken_bytes_as_hexadecimal) { EXPECT_EQ(quote_safe("a\xff"), "'a\\xff'"); }

TEST(QuoteSafe, cuts_by_characters_not_by_bytes) {
  EXPECT_EQ(quote_safe("退货退货", 2), "'退货…'");
  EXPECT_EQ(quote_safe("ab", 2), "'ab'");
}

TEST(Nearest, finds_the_smallest_edit_distance_and_the_first_of_ties) {
  const std::vector<std::string> names = {"order", "payment", "parent"};
  EXPECT_EQ(nearest("pay", std::vector<std::string>{"pad", "may"}), "pad");
  EXPECT_EQ(nearest("paymnt", names), "payment");
  EXPECT_EQ(nearest("x", std::vector<std::string>{}), "");
}

TEST(NotFoundMessage, says_what_where_how_many_and_the_nearest) {
  const std::vector<std::string> names = {"payment", "order"};
  EXPECT_EQ(not_found_message("touchpoint", "paymant", "the map", names),
            "touchpoint 'paymant' is not in the map (2 touchpoints; nearest: 'payment')");
}

TEST(ValidUtf8, refuses_overlong_forms_surrogates_and_cut_sequences) {
  EXPECT_TRUE(valid_utf8("aé退👩"));
  EXPECT_FALSE(valid_utf8("\xc0\x80"));          // overlong NUL
  EXPECT_FALSE(valid_utf8("\xed\xa0\x80"));      // U+D800
  EXPECT_FALSE(valid_utf8("\xe9\x80"));          // cut
  EXPECT_FALSE(valid_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
}

}  // namespace
}  // namespace journeykit::base
