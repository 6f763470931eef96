#include "journeykit/journey/map_json.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "journey/journey_maps.hpp"
#include "journeykit/journey/diff.hpp"
#include "journeykit/journey/merge.hpp"
#include "journeykit/journey/validate.hpp"

namespace journeykit::journey {
namespace {

std::string refusal(const std::string& text, const MapLimits& limits = {}) {
  try {
    from_json(text, limits);
    return "";
  } catch (const base::InvalidInput& error) {
    return error.what();
  }
}

TEST(MapJson, random_maps_are_read_back_equal_and_written_the_same) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const JourneyMap map = RandomMaps(seed).map();
    const std::string text = to_json(map);
    EXPECT_EQ(from_json(text), map) << text;
    EXPECT_EQ(to_json(from_json(text)), text);
  }
}

TEST(MapJson, every_prefix_of_twenty_maps_is_refused) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::string text = to_json(RandomMaps(seed).map());
    for (std::size_t size = 0; size + 2 < text.size(); ++size) {
      ASSERT_NE(refusal(text.substr(0, size)), "") << text.substr(0, size);
    }
  }
}

TEST(MapJson, a_changed_byte_gives_a_map_or_an_error) {
  std::mt19937_64 random(1);
  const std::string good = to_json(RandomMaps(5).map());
  for (int k = 0; k < 20'000; ++k) {
    std::string text = good;
    text[random() % text.size()] = static_cast<char>(random());
    try {
      const JourneyMap map = from_json(text);
      EXPECT_EQ(from_json(to_json(map)), map);
    } catch (const base::InvalidInput& error) {
      EXPECT_NE(std::string(error.what()), "");
    } catch (const base::Unsupported& error) {
      EXPECT_NE(std::string(error.what()).find("/version"), std::string::npos);
    }
  }
}

TEST(MapJson, more_elements_than_the_limit_are_refused) {
  const std::string text = to_json(support());
  EXPECT_EQ(refusal(text, {.touchpoints = 4, .transitions = 6}), "");
  EXPECT_EQ(refusal(text, {.touchpoints = 3}),
            "/touchpoints: has 4 elements, more than the limit of 3; raise the limit or split the map");
  EXPECT_NE(refusal(text, {.transitions = 5}).find("/transitions: has 6 elements"), std::string::npos);
  EXPECT_NE(refusal(text, {.json = {.bytes = 10}}).find("more than the limit of 10"), std::string::npos);
}

TEST(MapJson, a_cancelled_call_changes_nothing) {
  const JourneyMap map = support();
  const std::string text = to_json(map);
  const auto cancelled = [](const auto& call) {
    const base::Cancellation cancellation([] { return true; });
    std::this_thread::sleep_for(std::chrono::milliseconds(11));  // asked at most every 10 ms
    EXPECT_THROW(call(cancellation), base::Cancelled);
  };
  cancelled([&](const base::Cancellation& c) { to_json(map, c); });
  cancelled([&](const base::Cancellation& c) { from_json(text, {}, c); });
  cancelled([&](const base::Cancellation& c) { validate(map, {}, c); });
  cancelled([&](const base::Cancellation& c) { diff(map, map, c); });
  cancelled([&](const base::Cancellation& c) { merge(map, map, map, {}, c); });
}

}  // namespace
}  // namespace journeykit::journey
