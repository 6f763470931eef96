#include "journeykit/scoring/contrast.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "events/make_log.hpp"
#include "journeykit/metrics/quantile.hpp"

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

StratifiedContrast into_nine(const std::vector<std::vector<Move>>& moves_from, const Bytes& good) {
  const auto n = static_cast<std::uint32_t>(good.size());
  return compare_moves(singles(n), arrange(moves_from, 10, good, {}), 9, good, 0.95);
}

TEST(CompareMoves, compares_with_those_who_left_the_same_step_elsewhere) {
  //  from 0: c0, c1 → 9;  c2, c3 → 1 (both completed)      from 1: c4 → 9;  c5 → 2 (not completed)
  // lost = (1 − 0) + (1 − 1) + (0 − 0) = 1
  const std::vector<std::vector<Move>> moves = {{{0, 9}, {1, 9}, {2, 1}, {3, 1}}, {{4, 9}, {5, 2}}};
  const StratifiedContrast got = into_nine(moves, Bytes{0, 1, 1, 1, 0, 0});
  EXPECT_EQ(got.cases, (Cases{0, 1, 4}));
  EXPECT_EQ(got.standing, 6);
  EXPECT_DOUBLE_EQ(got.exposed_share, 1.0 / 3);
  EXPECT_DOUBLE_EQ(got.lost, 1);
}

TEST(CompareMoves, a_case_with_several_moves_counts_once) {
  // c0 goes from 0 and from 1 into 9: half of (1 − 0) from each.
  const std::vector<std::vector<Move>> moves = {{{0, 9}, {0, 9}, {1, 2}}, {{0, 9}, {2, 2}}};
  const StratifiedContrast got = into_nine(moves, Bytes{0, 1, 1});
  EXPECT_EQ(got.cases, (Cases{0}));
  EXPECT_DOUBLE_EQ(got.lost, 1);
}

TEST(CompareMoves, a_step_that_nobody_left_elsewhere_compares_nothing) {
  const std::vector<std::vector<Move>> moves = {{{0, 9}, {1, 9}}};
  EXPECT_TRUE(into_nine(moves, Bytes{0, 1}).cases.empty());
}

// The comparison once more, one case after the other: everything that leaves a step stands in a set.
struct NaiveContrast {
  std::int64_t standing = 0;
  double lost = 0, low = 0, high = 0;
};
NaiveContrast naive_moves(const events::Customers& customers, const std::vector<std::vector<Move>>& moves_from,
                          std::uint32_t target, const Bytes& good) {
  struct Step {
    std::set<std::uint32_t> exposed, others;
    double good = 0;
  };
  std::vector<Step> steps;
  std::map<std::uint32_t, double> times;  // exposed cases
  std::set<std::uint32_t> standing;
  for (const auto& moves : moves_from) {
    Step step;
    for (const Move& move : moves) {
      if (move.target == target) step.exposed.insert(move.case_index);
    }
    for (const Move& move : moves) {
      if (step.exposed.count(move.case_index) == 0) step.others.insert(move.case_index);
    }
    if (step.exposed.empty() || step.others.empty()) continue;
    for (const std::uint32_t c : step.others) step.good += good[c];
    for (const std::uint32_t c : step.exposed) ++times[c];
    standing.insert(step.exposed.begin(), step.exposed.end());
    standing.insert(step.others.begin(), step.others.end());
    steps.push_back(std::move(step));
  }
  const auto n_met = static_cast<double>(times.size());
  double good_met = 0;
  for (const auto& [c, n] : times) good_met += good[c];
  const double met = (good_met + 1) / (n_met + 2);
  NaiveContrast out;
  out.standing = static_cast<std::int64_t>(standing.size());
  double centre = 0, floor = n_met * n_met * met * (1 - met) / (n_met + 2);
  std::map<std::uint32_t, double> influence;  // of customers
  for (const Step& step : steps) {
    const auto n = static_cast<double>(step.others.size());
    const double pulled = (step.good + 1) / (n + 2);
    double weights = 0;
    for (const std::uint32_t c : step.exposed) {
      weights += 1 / times[c];
      out.lost += (step.good / n - good[c]) / times[c];
      influence[customers.of_case[c]] += (met - good[c]) / times[c];
    }
    for (const std::uint32_t c : step.others) influence[customers.of_case[c]] += weights * (good[c] - pulled) / (n + 2);
    centre += weights * (pulled - met);
    floor += weights * weights * pulled * (1 - pulled) / (n + 2);
  }
  double squares = 0;
  for (const auto& [customer, sum] : influence) squares += sum * sum;
  const auto g = static_cast<double>(influence.size());
  const double half = metrics::t_quantile(0.975, g - 1) * std::sqrt(std::max(squares * g / (g - 1), floor));
  out.low = std::min(centre - half, out.lost);
  out.high = std::max(centre + half, out.lost);
  return out;
}

TEST(CompareMoves, is_the_comparison_of_one_case_after_the_other) {
  constexpr std::uint32_t touchpoints = 6, cases = 9000;
  std::uint32_t state = 7;
  const auto below = [&](std::uint32_t n) {
    state = state * 1664525U + 1013904223U;
    return static_cast<std::uint32_t>((std::uint64_t{state} * n) >> 32U);
  };
  std::vector<std::vector<Move>> moves_from(touchpoints);
  Bytes good;
  events::Customers shared{{}, cases / 3};
  for (std::uint32_t c = 0; c < cases; ++c) {
    good.push_back(below(3) == 0 ? 1 : 0);
    shared.of_case.push_back(below(cases / 3));
    for (std::uint32_t k = below(8), at = below(touchpoints); k > 0; --k) {
      const std::uint32_t next = below(touchpoints);
      if (next != at) moves_from[at].push_back({c, next});
      at = next;
    }
  }
  const Moves moves = arrange(moves_from, touchpoints, good, {});
  for (const events::Customers& customers : {singles(cases), shared}) {
    for (std::uint32_t target = 0; target < touchpoints; ++target) {
      const NaiveContrast want = naive_moves(customers, moves_from, target, good);
      const StratifiedContrast got = compare_moves(customers, moves, target, good, 0.95);
      EXPECT_EQ(got.standing, want.standing);
      EXPECT_NEAR(got.lost, want.lost, 1e-9);
      EXPECT_NEAR(got.low, want.low, 1e-9);
      EXPECT_NEAR(got.high, want.high, 1e-9);
    }
  }
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
