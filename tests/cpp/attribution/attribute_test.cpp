#include "journeykit/attribution/attribute.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "journeykit/attribution/chain.hpp"
#include "journeykit/attribution/high_order.hpp"
#include "journeykit/attribution/poisson.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::attribution {
namespace {

// a > a > b: 2 converted, 1 did not · b > a: 1, 3 · c > b: 0, 6
const std::string kText =
    "a > a > b"
    "b>a"
    "c > b";
const std::vector<std::int32_t> kEnds = {0, 9, 12, 17};
const std::vector<double> kConversions = {2, 1, 0}, kNulls = {1, 3, 6};

PathColumns small_columns() {
  PathColumns columns;
  columns.path = {{kText, kEnds, {}}};
  columns.conversions = kConversions;
  columns.nulls = kNulls;
  columns.path_name = "path";
  return columns;
}

Paths small_paths() { return read_paths(small_columns(), {}); }

TEST(AttributionPaths, NamesAreTrimmedAndInByteOrder) {
  const Paths paths = small_paths();
  EXPECT_EQ(paths.channels, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(paths.steps, (std::vector<std::uint32_t>{0, 0, 1, 1, 0, 2, 1}));
  EXPECT_EQ(paths.offsets, (std::vector<std::uint64_t>{0, 3, 5, 7}));
}

TEST(AttributionPaths, OffsetsThatContradictEachOtherAreRefused) {
  for (const std::vector<std::int64_t>& ends :
       {std::vector<std::int64_t>{0, 9, 12, 99}, {0, 9, 5, 17}, {-1, 9, 12, 17}}) {
    PathColumns columns = small_columns();
    columns.path = {{kText, {}, ends}};
    EXPECT_THROW(read_paths(columns, {}), base::InvalidInput);
  }
}

TEST(AttributionPaths, TextThatIsNotUtf8IsRefusedWithItsRow) {
  PathColumns columns = small_columns();
  const std::string broken =
      "a > a > bb>\xFF"
      "c > b";
  columns.path = {{broken, kEnds, {}}};
  try {
    read_paths(columns, {});
    FAIL() << "expected InvalidInput";
  } catch (const base::InvalidInput& error) {
    EXPECT_NE(std::string(error.what()).find("row 1 "), std::string::npos) << error.what();
  }
}

TEST(AttributionPaths, ColumnsOfAnotherLengthAreRefused) {
  PathColumns columns = small_columns();
  columns.nulls = columns.nulls.first(2);
  EXPECT_THROW(read_paths(columns, {}), base::InvalidInput);
}

TEST(AttributionPaths, WaysThatStandTwiceAreOneWay) {
  Paths paths = small_paths();
  Paths twice = paths;
  for (std::size_t p = 0; p < paths.size(); ++p) {
    twice.steps.insert(twice.steps.end(), paths.path(p).begin(), paths.path(p).end());
    twice.offsets.push_back(twice.steps.size());
    twice.conversions.push_back(paths.conversions[p]);
    twice.nulls.push_back(0);
  }
  const Paths one = distinct(twice, {});
  EXPECT_EQ(one.size(), 3U);
  EXPECT_EQ(one.conversions, (std::vector<double>{4, 2, 0}));
  EXPECT_EQ(one.nulls, kNulls);
}

TEST(AttributionChain, RemovalEffectsAreThoseOfTheReference) {
  const Paths paths = small_paths();
  const RemovalEffects found = removal_effects(count_chain(paths, {paths.conversions, paths.nulls, {}}));
  EXPECT_NEAR(found.conversions[0], 0.487179, 5e-7);
  EXPECT_NEAR(found.conversions[1], 0.857143, 5e-7);
  EXPECT_NEAR(found.conversions[2], 0.455696, 5e-7);
}

Paths random_paths(std::uint32_t channels) {
  Paths paths;
  std::uint64_t state = 7;
  for (std::uint32_t c = 0; c < channels; ++c) paths.channels.push_back("channel " + std::to_string(100 + c));
  for (std::size_t p = 0; p < 400; ++p) {
    const std::size_t length = 1 + (state = base::mix(state)) % 9;
    for (std::size_t k = 0; k < length; ++k)
      paths.steps.push_back(static_cast<std::uint32_t>((state = base::mix(state)) % channels));
    paths.offsets.push_back(paths.steps.size());
    paths.conversions.push_back(static_cast<double>((state = base::mix(state)) % 3));
    paths.nulls.push_back(static_cast<double>((state = base::mix(state)) % 5));
  }
  return paths;
}

// The dense and the sparse way are written apart; at order 1 they have one answer, however channels are put together.
TEST(AttributionChain, TheSolverOfHigherOrdersGivesTheSameAtOrderOne) {
  for (const std::uint32_t channels : {1U, 2U, 3U, 4U, 6U, 7U, 12U, 13U, 18U, 19U, 24U, 25U, 40U}) {
    const Paths paths = random_paths(channels);
    const PathWeights weights{paths.conversions, paths.nulls, {}};
    const Attributed dense = chain_model(paths)(weights);
    const Attributed sparse = high_order_model(paths, 1, 1e-13, 1, {})(weights);
    for (std::size_t c = 0; c < channels; ++c)
      EXPECT_NEAR(dense.removal_effect[c], sparse.removal_effect[c], 1e-12) << channels;
  }
}

TEST(AttributionChain, TheSolverOfHigherOrdersDoesNotDependOnThreads) {
  for (const std::uint32_t channels : {5U, 18U, 25U}) {
    const Paths paths = random_paths(channels);
    const PathWeights weights{paths.conversions, paths.nulls, {}};
    const Attributed alone = high_order_model(paths, 3, 1e-12, 1, {})(weights);
    EXPECT_EQ(alone.removal_effect, high_order_model(paths, 3, 1e-12, 3, {})(weights).removal_effect) << channels;
  }
}

TEST(AttributionShapley, GamesWithoutAllSetsAreRefused) {
  EXPECT_THROW(shapley_values(std::vector<double>{0, 1, 2}), base::InvalidInput);
  EXPECT_THROW(shapley_values(std::vector<double>{0, std::nan("")}), base::InvalidInput);
  EXPECT_TRUE(shapley_values(std::vector<double>{0}).empty());
}

// Mean and variance of a Poisson variable are its parameter; over m draws they lie within a few standard errors.
TEST(AttributionPoisson, DrawsHaveTheMeanAndTheVarianceOfTheDistribution) {
  const PoissonTables tables;
  constexpr double draws = 200'000;
  for (const double mean : {0.3, 1.0, 2.0, 4.5, 9.99, 10.5, 16.0, 17.0, 250.0, 1e6}) {
    PoissonStream stream(static_cast<std::uint64_t>(mean * 100));
    double sum = 0, squares = 0;
    for (double k = 0; k < draws; ++k) {
      const double drawn = tables.draw(stream, mean) - mean;
      sum += drawn;
      squares += drawn * drawn;
    }
    EXPECT_LT(std::abs(sum / draws), 5 * std::sqrt(mean / draws)) << mean;
    const double error_of_variance = std::sqrt((mean + 2 * mean * mean) / draws);
    EXPECT_LT(std::abs(squares / draws - mean), 5 * error_of_variance) << mean;
  }
}

TEST(AttributionPoisson, SmallMeansHaveTheProbabilitiesOfTheDistribution) {
  const PoissonTables tables;
  constexpr double draws = 400'000;
  for (const double mean : {0.5, 1.0, 3.0, 16.0}) {
    PoissonStream stream(11);
    std::vector<double> seen(200);
    for (double k = 0; k < draws; ++k) ++seen[static_cast<std::size_t>(tables.draw(stream, mean))];
    double probability = std::exp(-mean);
    for (std::size_t k = 0; k < 40; ++k) {
      EXPECT_LT(std::abs(seen[k] / draws - probability), 5 * std::sqrt(probability / draws) + 1e-9) << mean << " " << k;
      probability *= mean / static_cast<double>(k + 1);
    }
  }
}

TEST(Attribute, IntervalsHoldTheValueAndDoNotDependOnThreads) {
  const Paths paths = small_paths();
  AttributionOptions options;
  options.replicates = 300;
  options.threads = 1;
  const Attribution one = attribute(paths, options, {});
  options.threads = 3;
  const Attribution three = attribute(paths, options, {});
  ASSERT_EQ(one.channels.size(), 3U);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_LE(one.channels[c].share.low, one.channels[c].share.value);
    EXPECT_GE(one.channels[c].share.high, one.channels[c].share.value);
    EXPECT_EQ(one.channels[c].share.low, three.channels[c].share.low);
    EXPECT_EQ(one.channels[c].conversions.high, three.channels[c].conversions.high);
  }
}

TEST(Attribute, WithoutAConversionThereIsNothingToAttribute) {
  Paths paths = small_paths();
  paths.conversions = {0, 0, 0};
  EXPECT_THROW(attribute(paths, {}, {}), base::InvalidInput);
}

}  // namespace
}  // namespace journeykit::attribution
