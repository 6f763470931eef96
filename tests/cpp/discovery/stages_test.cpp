#include "journeykit/discovery/stages.hpp"

#include <gtest/gtest.h>

#include "discovery/log_of_paths.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::discovery {
namespace {

using journey::Evidence;
using test::log_of;

const base::Cancellation kNeverCancelled;

std::vector<std::string> names_of(const Stages& stages) {
  std::vector<std::string> out;
  for (const auto& stage : stages.stages) out.push_back(stage.name);
  return out;
}
using Names = std::vector<std::string>;

TEST(Matches, WorksAsPatternsOfFileNames) {
  EXPECT_TRUE(matches("pay*", "pay card"));
  EXPECT_TRUE(matches("*card", "pay card"));
  EXPECT_TRUE(matches("p*c*d", "pay card"));
  EXPECT_FALSE(matches("p*c*x", "pay card"));
  EXPECT_TRUE(matches("a?c", "abc"));
  EXPECT_FALSE(matches("a?c", "ac"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_FALSE(matches("?", ""));
  EXPECT_TRUE(matches("**", "x"));
  EXPECT_FALSE(matches("Pay", "pay"));
  EXPECT_TRUE(matches("a*b*c", "aXbXbXc"));
}

TEST(Matches, TakesACharacterForOneWhateverItsBytes) {
  EXPECT_TRUE(matches("支?", "支付"));
  EXPECT_FALSE(matches("支??", "支付"));
  EXPECT_TRUE(matches("*付", "支付"));
  EXPECT_TRUE(matches("支[付出]", "支出"));
}

TEST(Matches, KnowsClasses) {
  EXPECT_TRUE(matches("step [1-3]", "step 2"));
  EXPECT_FALSE(matches("step [1-3]", "step 4"));
  EXPECT_TRUE(matches("step [!1-3]", "step 4"));
  EXPECT_TRUE(matches("[]x]", "]"));
  EXPECT_TRUE(matches("[!]x]", "a"));
  EXPECT_TRUE(matches("[a-]", "-"));
  EXPECT_TRUE(matches("[W*", "[Wait"));  // no ]: a bracket is a bracket
  EXPECT_TRUE(matches("[", "["));
}

TEST(ProposeStages, CutsWhereTouchpointsStandApart) {
  // Mean positions in thousandths: A 0, B 333, C 667, D 1000. Variance around 500: 2 (500² + 167²) = 555,778; with C
  // and D (or A and B: the tie goes to the cut that comes first) in one stage 2 · 166.5² = 55,444.5 is left, less than
  // a tenth.
  const Stages stages = propose_stages(log_of({"ABCD", "ABCD"}), kNeverCancelled);
  EXPECT_EQ(names_of(stages), (Names{"1 · A", "2 · B", "3 · C"}));
  EXPECT_EQ(stages.of_touchpoint, (std::vector<std::uint32_t>{0, 1, 2, 2}));
  EXPECT_EQ(stages.stages[0].evidence, Evidence::PartlyObserved);
  EXPECT_NEAR(stages.position[1], 1.0 / 3, 1e-9);
}

TEST(ProposeStages, TakesMoreStagesWhereThreeExplainTooLittle) {
  // n places equally far apart have a variance like n² - 1. Twelve: three stages of four leave 15 / 143 = .105, four
  // stages of three leave 8 / 143 = .056.
  const Stages stages = propose_stages(log_of({"ABCDEFGHIJKL"}), kNeverCancelled);
  EXPECT_EQ(stages.of_touchpoint, (std::vector<std::uint32_t>{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}));
}

TEST(ProposeStages, NamesAStageAfterItsTouchpointWithTheMostCases) {
  // Positions: A 0; a 0; X, Y 1/2; Z 1. Y stands in two cases, X in one.
  const Stages stages = propose_stages(log_of({"AXZ", "AYZ", "aYZ"}), kNeverCancelled);
  EXPECT_EQ(names_of(stages), (Names{"1 · A", "2 · Y", "3 · Z"}));
  EXPECT_EQ(stages.of_touchpoint, (std::vector<std::uint32_t>{0, 1, 1, 2, 0}));  // A X Y Z a
}

TEST(ProposeStages, HasFewerStagesWhereThereAreFewerPositions) {
  EXPECT_EQ(names_of(propose_stages(log_of({"A", "B"}), kNeverCancelled)), Names{"1 · A"});
  EXPECT_EQ(names_of(propose_stages(log_of({"AB"}), kNeverCancelled)), (Names{"1 · A", "2 · B"}));
  EXPECT_TRUE(propose_stages(log_of({}), kNeverCancelled).stages.empty());
}

TEST(PlannedStages, ANameWinsOverPatternsAndEarlierPatternsOverLater) {
  const auto log = test::make_log({{"1", "pay card", 0}, {"1", "pay cash", 1}, {"1", "call", 2}, {"1", "chat", 3}});
  const std::vector<StagePlan> plan = {{"Buy", {"pay*"}}, {"Cash", {"pay cash"}}, {"Help", {"c*"}}, {"Talk", {"*all"}}};
  const Stages stages = planned_stages(log, plan, kNeverCancelled);
  EXPECT_EQ(names_of(stages), (Names{"Buy", "Cash", "Help", "Talk"}));
  EXPECT_EQ(stages.of_touchpoint, (std::vector<std::uint32_t>{2, 2, 0, 1}));  // call chat pay card pay cash
  EXPECT_EQ(stages.stages[0].evidence, Evidence::Observed);
  EXPECT_EQ(stages.stages[3].evidence, Evidence::Assumed);  // nothing of the log is left for it
}

TEST(PlannedStages, GatherWhatNothingNamesInAStageOfItsOwn) {
  const Stages stages = planned_stages(log_of({"ABC"}), std::vector<StagePlan>{{"One", {"A"}}}, kNeverCancelled);
  EXPECT_EQ(names_of(stages), (Names{"One", "(no stage)"}));
  EXPECT_EQ(stages.of_touchpoint, (std::vector<std::uint32_t>{0, 1, 1}));
}

TEST(PlannedStages, RefuseWhatCannotBeMeant) {
  const auto log = log_of({"ABC"});
  const auto with = [&](const std::vector<StagePlan>& plan) { return planned_stages(log, plan, kNeverCancelled); };
  EXPECT_THROW(with({{"One", {"Z"}}}), base::NotFound);
  EXPECT_THROW(with({{"One", {"Z*"}}}), base::NotFound);
  EXPECT_THROW(with({{"One", {"A"}}, {"Two", {"A"}}}), base::InvalidInput);
  EXPECT_THROW(with({{"", {"A"}}}), base::InvalidInput);
}

}  // namespace
}  // namespace journeykit::discovery
