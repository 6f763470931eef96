#include "journeykit/base/text_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "journeykit/base/error.hpp"

namespace journeykit::base {
namespace {

std::vector<std::uint32_t> naive(const std::vector<std::string>& texts) {
  std::vector<std::uint32_t> out(texts.size());
  std::iota(out.begin(), out.end(), 0U);
  std::stable_sort(out.begin(), out.end(), [&](auto a, auto b) { return texts[a] < texts[b]; });
  return out;
}

TEST(ByteOrder, NoneOneAndEqualTexts) {
  EXPECT_EQ(byte_order({}), std::vector<std::uint32_t>{});
  EXPECT_EQ(byte_order(std::vector<std::string>{"x"}), std::vector<std::uint32_t>{0});
  EXPECT_EQ(byte_order(std::vector<std::string>{"b", "a", "b", "a"}), (std::vector<std::uint32_t>{1, 3, 0, 2}));
}

TEST(ByteOrder, ShorterTextsAndNulBytesComeFirst) {
  using namespace std::string_literals;
  const std::vector<std::string> texts = {"a\0\0"s,      "a"s,        "a\0"s,       ""s, "\0"s,
                                          "aaaaaaaa\0"s, "aaaaaaaa"s, "aaaaaaaab"s, "é"s};
  EXPECT_EQ(byte_order(texts), naive(texts));
  EXPECT_EQ(byte_order(texts), (std::vector<std::uint32_t>{3, 4, 1, 2, 0, 6, 5, 7, 8}));
}

TEST(ByteOrder, RandomTextsStandAsAPlainSortPutsThem) {
  std::mt19937_64 random(7);
  const std::string letters = std::string("\0ab", 3) + "\xC3";
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> texts(1 + random() % 600);
    const std::string shared(random() % 12, 'p');
    for (std::string& text : texts) {
      text = shared;
      for (std::size_t k = random() % 20; k > 0; --k) text += letters[random() % (1 + round % 4)];
    }
    ASSERT_EQ(byte_order(texts), naive(texts)) << round;
  }
}

TEST(ByteOrder, StopsWhenItsCallerAsks) {
  std::vector<std::string> texts;
  for (std::int64_t k = 0; k < 300'000; ++k) texts.push_back(std::to_string(k * 7919 % 1'000'003));
  std::atomic<bool> stop = false;
  const Cancellation cancellation([&] { return stop.load(); });
  EXPECT_EQ(byte_order(texts, cancellation), naive(texts));
  stop = true;
  std::this_thread::sleep_for(std::chrono::milliseconds(11));  // a caller is asked again after 10
  EXPECT_THROW(static_cast<void>(byte_order(texts, cancellation)), Cancelled);
  std::size_t asked = 0;
  EXPECT_THROW(static_cast<void>(order_by_keys(
                   texts.size(), [&](auto k, auto) { return ++asked, std::uint64_t{k}; }, [](auto) { return 1U; },
                   cancellation)),
               Cancelled);
  EXPECT_LT(asked, texts.size());
}

}  // namespace
}  // namespace journeykit::base
