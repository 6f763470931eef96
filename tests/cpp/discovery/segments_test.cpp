#include "journeykit/discovery/segments.hpp"

#include <gtest/gtest.h>

#include "events/make_log.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::discovery {
namespace {

using test::make_log;

TEST(Segments, WithoutColumnsAreOneSegmentOfAllCases) {
  const Segments all = segments(make_log({{"1", "A", 0}, {"2", "A", 0}}), {});
  EXPECT_EQ(all.count, 1U);
  EXPECT_EQ(all.cases_of(0).size(), 2U);
  EXPECT_EQ(segments(make_log({}), {}).count, 1U);
}

TEST(Segments, TakeTheFirstKnownValueOfACaseAndPutTheUnknownLast) {
  const auto log = make_log({{"1", "A", 0}, {"1", "B", 1}, {"2", "A", 0}, {"3", "A", 0}}, {},
                            {{"plan", test::text_column({"", "pro", "", "free"})}});
  const Segments plans = segments(log, {"plan"});
  ASSERT_EQ(plans.count, 3U);
  const auto& keys = std::get<base::Category>(*plans.keys.at("plan").values);
  EXPECT_EQ(keys.dictionary->values[keys.codes[0]], "free");
  EXPECT_EQ(keys.dictionary->values[keys.codes[1]], "pro");
  EXPECT_EQ(keys.codes[2], base::kMissingCode);
  EXPECT_EQ(plans.cases_of(1)[0], 0U);
  EXPECT_EQ(plans.cases_of(2)[0], 1U);
}

TEST(Segments, OrderWholeNumbersBySize) {
  const auto log = make_log({{"1", "A", 0}, {"2", "A", 0}, {"3", "A", 0}}, {}, {{"age", base::Integers{{10, 9, 10}}}});
  const Segments ages = segments(log, {"age"});
  EXPECT_EQ(std::get<base::Integers>(*ages.keys.at("age").values).values, (std::vector<std::int64_t>{9, 10}));
  EXPECT_EQ(ages.cases_of(1).size(), 2U);
}

TEST(Segments, CombineSeveralColumns) {
  const auto log = make_log({{"1", "A", 0}, {"2", "A", 0}, {"3", "A", 0}, {"4", "A", 0}}, {},
                            {{"plan", test::text_column({"b", "a", "a", "a"})}, {"vip", base::Booleans{{1, 1, 0, 1}}}});
  const Segments both = segments(log, {"plan", "vip"});
  ASSERT_EQ(both.count, 3U);  // a false, a true, b true
  EXPECT_EQ(both.cases_of(0)[0], 2U);
  EXPECT_EQ(both.cases_of(1).size(), 2U);
  EXPECT_EQ(both.cases_of(2)[0], 0U);
}

TEST(Segments, RefuseDecimalsAndUnknownColumns) {
  const auto log = make_log({{"1", "A", 0}}, {}, {{"score", base::Reals{{0.5}}}});
  EXPECT_THROW(segments(log, {"score"}), base::Unsupported);
  EXPECT_THROW(segments(log, {"scope"}), base::NotFound);
}

TEST(Segments, RefuseMoreThanTenThousand) {
  std::vector<test::Event> rows;
  for (int k = 0; k <= 10'000; ++k) rows.push_back({std::to_string(k), "A", 0});
  EXPECT_THROW(segments(make_log(rows), {"case"}), base::InvalidInput);
}

TEST(WithKeys, RenamesAKeyThatTheResultHasToo) {
  const auto log = make_log({{"1", "A", 0}}, {}, {{"source", test::text_column({"ad"})}});
  base::Table result;
  result.add("source", base::Integers{{7}});
  EXPECT_EQ(with_keys(segments(log, {"source"}), {0}, result).names(),
            (std::vector<std::string>{"by_source", "source"}));
}

}  // namespace
}  // namespace journeykit::discovery
