#include "journeykit/markov/chain.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/markov/censored.hpp"
#include "journeykit/markov/counterfactual.hpp"
#include "journeykit/markov/dense.hpp"
#include "journeykit/markov/order.hpp"
#include "journeykit/markov/sensitivity.hpp"
#include "journeykit/markov/shrinkage.hpp"
#include "journeykit/markov/structure.hpp"
#include "journeykit/markov/uncertainty.hpp"

namespace journeykit::markov {
namespace {

// S→ O .5, C .3, L .2 · O→ K .8, F .2 · C→ O .6, F .2, L .2 · F→ C .5, K .1, L .4; states S O C F, ends K L
ChainParts example() {
  ChainParts parts;
  parts.states = {"S", "O", "C", "F"};
  parts.ends = {"K", "L"};
  parts.moves = {{0, 1, 50}, {0, 2, 30}, {0, 5, 20}, {1, 4, 80}, {1, 3, 20}, {2, 1, 60},
                 {2, 3, 20}, {2, 5, 20}, {3, 2, 50}, {3, 4, 10}, {3, 5, 40}};
  parts.kind = MoveKind::Counts;
  return parts;
}

TEST(Chain, EndsAndVisitsAreThoseWorkedOutByHand) {
  const Chain chain = make_chain(example());
  const Inverse inverse(chain);
  EXPECT_NEAR(inverse.absorption(0)[0], 187.0 / 300, 1e-15);
  const auto visits = inverse.visits(chain.start);
  EXPECT_NEAR(visits[1], 3.0 / 4, 1e-15);
  EXPECT_NEAR(visits[2], 5.0 / 12, 1e-15);
  EXPECT_NEAR(visits[3], 7.0 / 30, 1e-15);
  EXPECT_NEAR(ever_visited(*inverse.dense(), visits)[3], 0.196, 1e-15);
  EXPECT_NEAR(inverse.steps()[0], 2.4, 1e-15);
}

TEST(Chain, SparseAndDenseSolutionsAgree) {
  const Chain chain = make_chain(example());
  SolveOptions options;
  options.dense_states = 0;
  const Inverse dense(chain), sparse(chain, options);
  EXPECT_EQ(sparse.dense(), nullptr);
  for (std::size_t e = 0; e < 2; ++e) {
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(sparse.absorption(e)[i], dense.absorption(e)[i], 1e-12);
  }
  const auto a = dense.visits(chain.start), b = sparse.visits(chain.start);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(a[i], b[i], 1e-12);
  EXPECT_NEAR(sparse.visits_to(3)[0], 7.0 / 30, 1e-12);
  const auto found = shifts(chain, sparse, adjoint(chain, sparse, end_reward(chain, 0)), 0.05, 100);
  const auto expected = shifts(chain, dense, adjoint(chain, dense, end_reward(chain, 0)), 0.05, 100);
  ASSERT_EQ(found.size(), expected.size());
  double all = 0, wanted = 0;
  for (const Shift& s : found) all += s.change;
  for (const Shift& s : expected) wanted += s.change;
  EXPECT_NEAR(all, wanted, 1e-10);
}

TEST(Chain, EveryBlockSizeOfTheDenseSolutionGivesTheSameNumbers) {
  // a line of n states, each on with 0.9 and out with 0.1: N_0j = 0.9^j, t_0 = (1 − 0.9^n) / 0.1
  for (const std::size_t n : {1UL, 2UL, 95UL, 96UL, 97UL, 128UL, 129UL, 191UL, 500UL, 513UL}) {
    MoveRows moves(n, 1);
    for (std::size_t i = 0; i < n; ++i) {
      if (i + 1 < n) moves.row(i)[i + 1] = 0.9;
      moves.row(i)[n] = i + 1 < n ? 0.1 : 1.0;
    }
    const auto found = eliminate(moves, 2);
    ASSERT_TRUE(found.has_value());
    EXPECT_NEAR(found->steps[0], (1 - std::pow(0.9, static_cast<double>(n))) / 0.1, 1e-12) << n;
    EXPECT_NEAR(found->visits[n - 1], std::pow(0.9, static_cast<double>(n - 1)), 1e-15) << n;
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(found->absorption[i], 1, 1e-12) << n;
  }
}

TEST(Chain, AStateThatCannotLeaveGivesNoSolution) {
  MoveRows moves(2, 1);
  moves.row(0)[1] = 1;
  moves.row(1)[0] = 1;
  EXPECT_FALSE(eliminate(moves).has_value());
  MoveRows wide(300, 1);
  for (std::size_t i = 0; i < 300; ++i) wide.row(i)[(i + 1) % 300] = 1;
  EXPECT_FALSE(eliminate(wide).has_value());
}

TEST(Chain, ALoopWithoutEndIsNamed) {
  ChainParts parts = example();
  parts.moves = {{0, 1, 1}, {0, 4, 1}, {1, 2, 1}, {2, 3, 1}, {3, 1, 1}};
  try {
    make_chain(parts);
    FAIL();
  } catch (const base::InvalidInput& e) {
    EXPECT_NE(std::string(e.what()).find("the loop of 'O', 'C', 'F' (3 of 4"), std::string::npos) << e.what();
  }
}

TEST(Chain, MovesThatCannotBeAreRefused) {
  ChainParts parts = example();
  parts.moves[0].value = -1;
  EXPECT_THROW(make_chain(parts), base::InvalidInput);
  parts = example();
  parts.moves.push_back({0, 1, 5});
  EXPECT_THROW(make_chain(parts), base::InvalidInput);
  parts = example();
  parts.moves[0].target = 9;
  EXPECT_THROW(make_chain(parts), base::InvalidInput);
  parts = example();
  parts.ends = {"K", "S"};
  EXPECT_THROW(make_chain(parts), base::InvalidInput);
  parts = example();
  parts.start = {0, 0, 0, 0};
  EXPECT_THROW(make_chain(parts), base::InvalidInput);
}

TEST(Counterfactual, RemovalAndBypassAnswerDifferentQuestions) {
  const Chain chain = make_chain(example());
  const Inverse inverse(chain);
  const Reward kept = end_reward(chain, 0);
  EXPECT_NEAR(removals(chain, inverse, kept)[3].effect, 0.127273, 5e-7);
  EXPECT_NEAR(bypasses(chain, inverse, kept, {3})[0].without, 0.725, 1e-12);
}

TEST(Outcome, TheWorstMomentByLevelsIsThatOfOneElimination) {
  const Chain chain = make_chain(example());
  SolveOptions by_level;
  by_level.dense_states = 0;  // sparse to the last
  for (const std::vector<double>& experience :
       {std::vector<double>{0.1, 0.5, -0.2, -0.9}, {1, 1, 1, 1}, {-1, 0, 0, 0}, {0, 0, -1, 0}}) {
    const auto expected = worst_moment(chain, experience), found = worst_moment(chain, experience, by_level);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_EQ(found[k].level, expected[k].level);
      EXPECT_NEAR(found[k].probability, expected[k].probability, 1e-9);
    }
  }
}

TEST(Counterfactual, ShapleyValuesAddUp) {
  const Chain chain = make_chain(example());
  const auto found = shapley(chain, end_reward(chain, 0), {});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_NEAR(found[0].value, 0.497889, 5e-7);
  EXPECT_NEAR(found[0].value + found[1].value + found[2].value, 187.0 / 300, 1e-12);
}

TEST(Uncertainty, StandardErrorByFormulaAndDraws) {
  const Chain chain = make_chain(example());
  const Inverse inverse(chain);
  EXPECT_NEAR(standard_error(chain, inverse, end_reward(chain, 0)), 0.041413, 5e-7);
  const std::vector<Part> parts = {Part::Endings, Part::Steps};
  ReplicateOptions options;
  options.replicates = 4000;
  options.threads = 1;
  const Bands one = bands_of(dirichlet_replicates(chain, {}, parts, options), options.confidence);
  options.threads = 2;
  const Bands two = bands_of(dirichlet_replicates(chain, {}, parts, options), options.confidence);
  EXPECT_EQ(one.low, two.low);
  EXPECT_EQ(one.high, two.high);
  EXPECT_NEAR(one.standard_error[0], 0.0409, 0.001);
  EXPECT_EQ(one.failed, 0);
}

TEST(Uncertainty, ReplicatesWithoutAnEndAreCountedNotUsed) {
  ChainParts parts;
  parts.states = {"a", "b"};
  parts.ends = {"x"};
  parts.kind = MoveKind::Counts;
  parts.moves = {{0, 1, 5}, {0, 2, 5}, {1, 0, 10}};
  const Chain chain = make_chain(parts);
  const std::vector<double> counts = {5, 5, 10, 5, 5, 10, 5, 5, 10, 9, 0, 10};  // in the last a and b are a loop
  const std::vector<Part> wanted = {Part::Steps};
  const Bands found = bands_of(given_replicates(chain, counts, {}, wanted, {}), 0.95);
  EXPECT_EQ(found.failed, 1);
  EXPECT_NEAR(found.low[0], 3, 1e-12);  // a b a b … : 1 + 2·(1/2) / (1/2)
  EXPECT_NEAR(found.high[0], 3, 1e-12);
}

TEST(Ranks, OfReplicatesByHand) {
  // ranks 1 2 3, 3 2 1 and 1 2 3 (no number comes last); the last replicate has no solution
  const double none = std::nan("");
  const Replicates replicates{4, 3, {3, 2, 1, 1, 2, 3, 5, 4, none, none, none, none}, 1};
  const std::vector<double> observed = {3, 2, 1};
  RankRule rule;
  rule.top = 1;
  const Ranks found = ranks_of(observed, replicates, rule, 0.5);
  EXPECT_EQ(found.rank, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(found.low, (std::vector<std::int64_t>{1, 2, 2}));  // quarters of 1 1 3, 2 2 2 and 1 3 3
  EXPECT_EQ(found.high, (std::vector<std::int64_t>{2, 2, 3}));
  EXPECT_EQ(found.p_in_top, (std::vector<double>{2.0 / 3, 0, 1.0 / 3}));
  rule.worth = -1;
  EXPECT_EQ(ranks_of(observed, replicates, rule, 0.5).rank, (std::vector<std::int64_t>{3, 2, 1}));
  rule.worth = 1;
  rule.cost = {5, 0, 0};
  EXPECT_EQ(ranks_of(observed, replicates, rule, 0.5).rank, (std::vector<std::int64_t>{3, 1, 2}));
}

TEST(Censored, SeenAtTwoStatesTheChainBringsTheSame) {
  // S, O, C, F seen at O and F: from S to O 0.5, and over C, with 0.3, to O 0.6 and F 0.2; from F over C likewise
  const Chain chain = make_chain(example());
  const Reward reward{{1, 5, 8, 25}, {100, 0}, {}};
  for (const std::size_t dense_states : {std::size_t{2500}, std::size_t{0}}) {
    SolveOptions options;
    options.dense_states = dense_states;
    const Censored seen = censored(chain, reward, {1, 3}, options);
    EXPECT_NEAR(seen.chain.start[0], 0.68, 1e-9);
    EXPECT_NEAR(seen.chain.start[1], 0.06, 1e-9);
    EXPECT_NEAR(seen.before, 1 + 0.3 * 8, 1e-9);
    const std::vector<double> moves = {0, 0.2, 0.8, 0.3, 0.1, 0.6};  // of O and F to O, F and over
    for (std::size_t k = 0; k < moves.size(); ++k) EXPECT_NEAR(seen.chain.probabilities[k], moves[k], 1e-9);
    EXPECT_NEAR(seen.reward.per_visit[0], 5 + 80, 1e-9);
    EXPECT_NEAR(seen.reward.per_visit[1], 25 + 10 + 0.5 * 8, 1e-9);
  }
}

TEST(Shrinkage, ByHand) {
  ChainParts parts;
  parts.states = {"a"};
  parts.ends = {"x", "y", "z"};
  parts.kind = MoveKind::Counts;
  parts.moves = {{0, 1, 60}, {0, 2, 20}, {0, 3, 20}};
  const Chain whole = make_chain(parts);
  // κ = 10: (3 + 6) / 14, (1 + 2) / 14, (0 + 2) / 14
  const std::vector<double> counts = {3, 1, 0};
  const Chain segment = shrunk(whole, counts, 10);
  EXPECT_NEAR(segment.probabilities[0], 9.0 / 14, 1e-15);
  EXPECT_NEAR(segment.probabilities[1], 3.0 / 14, 1e-15);
  EXPECT_NEAR(segment.probabilities[2], 2.0 / 14, 1e-15);
  EXPECT_EQ(segment.counts, counts);
  check_chain(segment);
  // 6·7·8 · 2 / (10·11·12·13)
  EXPECT_NEAR(log_likelihood(whole, counts, 10), std::log(6.0 * 7 * 8 * 2 / (10.0 * 11 * 12 * 13)), 1e-14);
  const std::vector<double> alike = {6, 2, 2, 30, 10, 10}, apart = {50, 0, 0, 0, 50, 0};
  EXPECT_EQ(shrinkage(whole, alike).kappa, kMostKappa);
  EXPECT_LT(shrinkage(whole, apart).kappa, 1);
  EXPECT_THROW(shrunk(whole, counts, 0), base::InvalidInput);
  EXPECT_THROW(log_likelihood(whole, std::vector<double>{1, 2}, 1), base::InvalidInput);
}

TEST(Stored, AChainThatDoesNotFitIsRefused) {
  const Chain chain = make_chain(example());
  check_chain(chain);
  Chain damaged = chain;
  std::swap(damaged.targets[0], damaged.targets[1]);
  EXPECT_THROW(check_chain(damaged), base::InvalidInput);
  damaged = chain;
  damaged.probabilities[0] += 0.1;
  EXPECT_THROW(check_chain(damaged), base::InvalidInput);
}

TEST(Order, G2OfTheNotes) {
  // C (state 2) after S: O 45, F 10, L 5; after F: O 15, F 10, L 15
  const std::vector<Triple> counted = {{0, 2, 1, 45}, {0, 2, 3, 10}, {0, 2, 5, 5},
                                       {3, 2, 1, 15}, {3, 2, 3, 10}, {3, 2, 5, 15}};
  const auto tests = order_tests(counted, 4);
  EXPECT_NEAR(tests[2].g2, 16.902823, 5e-7);
  EXPECT_EQ(tests[2].df, 2);
  EXPECT_NEAR(tests[2].p, std::exp(-tests[2].g2 / 2), 1e-15);  // two degrees of freedom
  EXPECT_EQ(tests[0].df, 0);
}

TEST(Structure, DominatorsLoopsAndPaths) {
  const Chain chain = make_chain(example());
  EXPECT_EQ(passed_always(chain, 4), (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(loops(chain), (std::vector<std::vector<std::uint32_t>>{{1, 2, 3}}));
  const std::vector<double> effort = {1, 9, 1, 1};
  EXPECT_EQ(least_effort_paths(chain, effort)[0].states, (std::vector<std::uint32_t>{0, 2, 3}));
  EXPECT_NEAR(most_probable_paths(chain, effort)[0].probability, 0.4, 1e-15);
}

}  // namespace
}  // namespace journeykit::markov
