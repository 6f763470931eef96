#include "journeykit/scoring/contrast.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "events/make_log.hpp"

namespace journeykit::scoring {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Cases = std::vector<std::uint32_t>;

// Every case its own customer.
events::Customers singles(std::uint32_t n) {
  events::Customers out{std::vector<std::uint32_t>(n), n};
  std::iota(out.of_case.begin(), out.of_case.end(), 0U);
  return out;
}

Cases all(std::uint32_t n) { return singles(n).of_case; }

TEST(Compare, takes_the_difference_of_shares_with_one_success_and_one_failure_added_to_each) {
  // Exposed: 1 of 4 good, pulled to 2/6. Others: 5 of 6 good, pulled to 6/8. Centre 5/12.
  // Independent variance (1/3·2/3)/6 + (3/4·1/4)/8 = .0604745 exceeds the clustered .0391965; t(.975; 9) = 2.262157.
  const Bytes exposed = {1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
  const Bytes good = {1, 0, 0, 0, 1, 1, 1, 1, 1, 0};
  const Contrast got = compare(singles(10), all(10), exposed, good, 0.95);
  EXPECT_EQ(got.exposed, 4);
  EXPECT_EQ(got.others, 6);
  EXPECT_EQ(got.customers, 10);
  EXPECT_DOUBLE_EQ(got.exposed_share, 0.25);
  EXPECT_DOUBLE_EQ(got.difference, 5.0 / 6 - 0.25);
  const double half = 2.262157162798205 * std::sqrt((2.0 / 9) / 6 + (3.0 / 16) / 8);
  EXPECT_NEAR(got.low, 5.0 / 12 - half, 1e-12);
  EXPECT_NEAR(got.high, 5.0 / 12 + half, 1e-12);
}

TEST(Compare, cases_of_one_customer_widen_the_interval) {
  const Bytes exposed = {1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
  const Bytes good = {1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0};
  const events::Customers paired{{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}, 4};
  const Contrast alone = compare(singles(12), all(12), exposed, good, 0.95);
  const Contrast clustered = compare(paired, all(12), exposed, good, 0.95);
  EXPECT_EQ(clustered.customers, 4);
  EXPECT_GT(clustered.high - clustered.low, alone.high - alone.low);
  EXPECT_DOUBLE_EQ(clustered.difference, alone.difference);
}

TEST(Compare, says_nothing_when_a_side_is_empty) {
  const Contrast got = compare(singles(2), all(2), Bytes{1, 1}, Bytes{1, 0}, 0.95);
  EXPECT_TRUE(std::isnan(got.difference));
  EXPECT_TRUE(std::isnan(got.p));
  EXPECT_EQ(got.exposed, 2);
}

TEST(Compare, one_customer_has_no_interval) {
  const Contrast got = compare({{0, 0}, 1}, all(2), Bytes{1, 0}, Bytes{0, 1}, 0.95);
  EXPECT_DOUBLE_EQ(got.difference, 1);
  EXPECT_TRUE(std::isnan(got.p));
}

TEST(LostHere, counts_the_lost_with_the_share_of_those_who_went_on) {
  // 2 of 6 lost; 3 of the 4 others completed.
  const Loss got = lost_here(singles(6), all(6), Bytes{1, 1, 0, 0, 0, 0}, Bytes{0, 0, 1, 1, 1, 0}, 0.95);
  EXPECT_EQ(got.lost, 2);
  EXPECT_DOUBLE_EQ(got.others_share, 0.75);
  EXPECT_DOUBLE_EQ(got.completions, 1.5);
  EXPECT_LE(got.low, 1.5);
  EXPECT_GE(got.high, 1.5);
}

TEST(LostHere, is_unknown_where_nobody_went_on) {
  EXPECT_TRUE(std::isnan(lost_here(singles(2), all(2), Bytes{1, 1}, Bytes{0, 0}, 0.95).completions));
}

TEST(CompareMoves, compares_with_those_who_left_the_same_step_elsewhere) {
  //  from 0: c0, c1 → 9;  c2, c3 → 1 (both completed)      from 1: c4 → 9;  c5 → 2 (not completed)
  // lost = (1 − 0) + (1 − 1) + (0 − 0) = 1
  const std::vector<std::vector<Move>> moves = {{{0, 9}, {1, 9}, {2, 1}, {3, 1}}, {{4, 9}, {5, 2}}};
  const StratifiedContrast got = compare_moves(singles(6), moves, 9, Bytes{0, 1, 1, 1, 0, 0}, 0.95);
  EXPECT_EQ(got.cases, (Cases{0, 1, 4}));
  EXPECT_EQ(got.standing, 6);
  EXPECT_DOUBLE_EQ(got.exposed_share, 1.0 / 3);
  EXPECT_DOUBLE_EQ(got.lost, 1);
}

TEST(CompareMoves, a_case_with_several_moves_counts_once) {
  // c0 goes from 0 and from 1 into 9: half of (1 − 0) from each.
  const std::vector<std::vector<Move>> moves = {{{0, 9}, {0, 9}, {1, 2}}, {{0, 9}, {2, 2}}};
  const StratifiedContrast got = compare_moves(singles(3), moves, 9, Bytes{0, 1, 1}, 0.95);
  EXPECT_EQ(got.cases, (Cases{0}));
  EXPECT_DOUBLE_EQ(got.lost, 1);
}

TEST(CompareMoves, a_step_that_nobody_left_elsewhere_compares_nothing) {
  const std::vector<std::vector<Move>> moves = {{{0, 9}, {1, 9}}};
  EXPECT_TRUE(compare_moves(singles(2), moves, 9, Bytes{0, 1}, 0.95).cases.empty());
}

TEST(CasesFollowed, marks_cases_whose_customer_starts_another_soon_after) {
  // Li: a 0–10, b 15–16 (5 s after a), c 100 (84 s after b).  Wu: d 0.
  events::LogOptions options;
  options.role(events::Role::Customer) = "who";
  const auto log =
      test::make_log({{"a", "x", 0}, {"a", "x", 10}, {"b", "x", 15}, {"b", "x", 16}, {"c", "x", 100}, {"d", "x", 0}},
                     options, {{"who", test::text_column({"Li", "Li", "Li", "Li", "Li", "Wu"})}});
  EXPECT_EQ(cases_followed(log, events::customers(log), 5 * test::kSecond), (Bytes{1, 0, 0, 0}));
  EXPECT_EQ(cases_followed(log, events::customers(log), 84 * test::kSecond), (Bytes{1, 1, 0, 0}));
  EXPECT_EQ(cases_followed(log, events::customers(log), 4 * test::kSecond), (Bytes{0, 0, 0, 0}));
}

}  // namespace
}  // namespace journeykit::scoring
