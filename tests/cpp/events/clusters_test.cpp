#include "journeykit/events/clusters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "events/make_log.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::events {
namespace {

// Cases "c0" … with customers "k0" … (or none for ""), one event each.
EventLog log_of(const std::vector<std::string>& customers, bool backwards = false) {
  std::vector<test::Event> rows;
  std::vector<std::string> who;
  for (std::size_t k = 0; k < customers.size(); ++k) {
    const std::size_t at = backwards ? customers.size() - 1 - k : k;
    rows.push_back({"c" + std::to_string(at), "a", static_cast<std::int64_t>(at)});
    who.push_back(customers[at]);
  }
  LogOptions options;
  options.role(Role::Customer) = "who";
  return test::make_log(rows, options, {{"who", test::text_column(who)}});
}

// Group of each case by its id.
std::map<std::string, std::size_t> group_of_case(const EventLog& log, const CustomerGroups& groups) {
  std::map<std::string, std::size_t> out;
  for (std::size_t g = 0; g < groups.count; ++g) {
    for (const std::uint32_t c : groups.cases_of(g)) out[log.case_id(c)] = g;
  }
  return out;
}

std::vector<std::string> some_customers(std::size_t cases, std::size_t customers) {
  std::vector<std::string> out;
  for (std::size_t k = 0; k < cases; ++k) out.push_back("k" + std::to_string(k * 7 % customers));
  return out;
}

TEST(Clusters, few_customers_are_a_group_each) {
  // c0 k1 · c1 k2 · c2 k1 · c3 nobody: three customers in the order of their first case
  const EventLog log = log_of({"k1", "k2", "k1", ""});
  const CustomerGroups groups = customer_groups(log, 5);
  EXPECT_EQ(groups.count, 3U);
  EXPECT_EQ(groups.customers, 3U);
  EXPECT_EQ(groups.cases, (std::vector<std::uint32_t>{0, 2, 1, 3}));
  EXPECT_EQ(groups.offsets, (std::vector<std::size_t>{0, 2, 3, 4}));
}

TEST(Clusters, many_customers_share_groups_of_equal_size) {
  const EventLog log = log_of(some_customers(400, 101));
  const CustomerGroups groups = customer_groups(log, 10);
  ASSERT_EQ(groups.count, 10U);
  std::set<std::uint32_t> met;
  for (std::size_t g = 0; g < groups.count; ++g) {
    std::set<std::uint32_t> customers;
    for (const std::uint32_t c : groups.cases_of(g)) customers.insert(groups.of_case[c]);
    EXPECT_TRUE(customers.size() == 10 || customers.size() == 11) << customers.size();
    for (const std::uint32_t customer : customers) EXPECT_TRUE(met.insert(customer).second) << "in two groups";
  }
  EXPECT_EQ(met.size(), 101U);
}

TEST(Clusters, the_order_of_rows_does_not_change_a_group) {
  const EventLog log = log_of(some_customers(300, 90));
  const EventLog other = log_of(some_customers(300, 90), true);
  EXPECT_EQ(group_of_case(log, customer_groups(log, 8)), group_of_case(other, customer_groups(other, 8)));
}

TEST(Clusters, another_seed_makes_other_groups) {
  const EventLog log = log_of(some_customers(300, 90));
  EXPECT_NE(group_of_case(log, customer_groups(log, 8, 1)), group_of_case(log, customer_groups(log, 8, 2)));
}

TEST(Clusters, no_group_is_refused) { EXPECT_THROW(customer_groups(log_of({"k"}), 0), base::InvalidInput); }

TEST(Clusters, every_replicate_draws_as_many_groups_as_there_are) {
  const Draws draws = draw_groups(7, 33, 5, 2, {});
  for (std::size_t r = 0; r < 33; ++r) {
    float drawn = 0;
    for (std::size_t g = 0; g < 7; ++g) drawn += draws.of_group(g)[r];
    EXPECT_EQ(drawn, 7.0F);
  }
}

TEST(Clusters, draws_do_not_depend_on_threads) {
  EXPECT_EQ(draw_groups(9, 100, 3, 1, {}).times, draw_groups(9, 100, 3, 4, {}).times);
}

TEST(Clusters, draws_vary_as_a_multinomial_does) {
  // times drawn of one group: mean 1, variance 1 − 1/G; 4,000 replicates: standard error of the variance below .03
  const Draws draws = draw_groups(50, 4000, 11, 2, {});
  const auto times = draws.of_group(17);
  double mean = 0, variance = 0;
  for (const float t : times) mean += static_cast<double>(t) / 4000;
  for (const float t : times) variance += (static_cast<double>(t) - mean) * (static_cast<double>(t) - mean) / 3999;
  EXPECT_NEAR(mean, 1, 0.07);
  EXPECT_NEAR(variance, 0.98, 0.12);
}

TEST(Clusters, replicates_are_sums_of_times_drawn_and_group_sums) {
  const EventLog log = log_of(some_customers(60, 20));
  const CustomerGroups groups = customer_groups(log, 6);
  // feature 0: cases of the group; feature 1: one in every group but the first; feature 2: nowhere
  const auto make_reader = [&]() -> GroupReader {
    return [&](std::size_t g, GroupTally& tally) {
      for (std::size_t k = 0; k < groups.cases_of(g).size(); ++k) tally.add(0, 1);
      if (g > 0) tally.add(1, 1);
    };
  };
  const GroupSums sums = sum_groups(groups, 3, 2, {}, make_reader);
  EXPECT_EQ(sums.features(), 3U);
  const Draws draws = draw_groups(6, 40, 1, 1, {});
  std::vector<double> cases(40, 0), others(40, 0), nothing(40, 0);
  sums.add_replicates(0, draws, cases);
  sums.add_replicates(1, draws, others);
  sums.add_replicates(2, draws, nothing);
  for (std::size_t r = 0; r < 40; ++r) {
    double wanted = 0;
    for (std::size_t g = 0; g < 6; ++g) {
      wanted += static_cast<double>(draws.of_group(g)[r]) * static_cast<double>(groups.cases_of(g).size());
    }
    EXPECT_EQ(cases[r], wanted);
    EXPECT_EQ(others[r], 6 - static_cast<double>(draws.of_group(0)[r]));
    EXPECT_EQ(nothing[r], 0);
  }
  const std::vector<double> rows = replicate_sums(sums, draws, 2, {});
  ASSERT_EQ(rows.size(), 120U);
  for (std::size_t r = 0; r < 40; ++r) {
    EXPECT_EQ(rows[3 * r], cases[r]);
    EXPECT_EQ(rows[3 * r + 1], others[r]);
    EXPECT_EQ(rows[3 * r + 2], 0);
  }
}

}  // namespace
}  // namespace journeykit::events
