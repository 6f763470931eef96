#include "journeykit/base/parallel.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "journeykit/base/error.hpp"

namespace journeykit::base {
namespace {

TEST(ParallelFor, visits_every_index_once_for_any_number_of_threads) {
  for (const unsigned threads : {0U, 1U, 2U, 8U}) {
    std::vector<int> visits(1001, 0);
    parallel_for(visits.size(), 10, threads, Cancellation(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t k = begin; k < end; ++k) ++visits[k];
    });
    EXPECT_EQ(std::accumulate(visits.begin(), visits.end(), 0), 1001);
    EXPECT_EQ(*std::min_element(visits.begin(), visits.end()), 1);
  }
}

TEST(ParallelFor, does_nothing_for_an_empty_range) {
  bool called = false;
  parallel_for(0, 10, 4, Cancellation(), [&](std::size_t, std::size_t) { called = true; });
  EXPECT_FALSE(called);
}

TEST(ParallelFor, rethrows_the_failure_of_a_block) {
  const auto run = [] {
    parallel_for(100, 1, 4, Cancellation(), [](std::size_t begin, std::size_t) {
      if (begin == 50) throw InvalidInput("row 50");
    });
  };
  EXPECT_THROW(run(), InvalidInput);
}

TEST(Cancellation, stops_the_loop_when_the_caller_says_so) {
  const Cancellation cancellation([] { return true; });
  const auto run = [&] {
    parallel_for(1'000'000, 1, 2, cancellation,
                 [](std::size_t, std::size_t) { std::this_thread::sleep_for(std::chrono::microseconds(200)); });
  };
  EXPECT_THROW(run(), Cancelled);
  EXPECT_THROW(cancellation.check(), Cancelled);  // and stays so
}

TEST(Cancellation, is_never_asked_without_a_question) { EXPECT_NO_THROW(Cancellation().check()); }

TEST(ParallelFor, gives_what_the_question_threw_before_the_cancelled_of_other_threads) {
  struct SlowToLeave {
    ~SlowToLeave() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }
  };
  const auto caller = std::this_thread::get_id();
  const Cancellation cancellation([]() -> bool { throw std::domain_error("Ctrl-C"); });
  const auto ask_without_end = [&](std::size_t, std::size_t) {
    while (std::this_thread::get_id() != caller) cancellation.check();  // hears of it first
    const SlowToLeave slow;
    for (;;) cancellation.check();
  };
  EXPECT_THROW(parallel_for(4, 1, 4, cancellation, ask_without_end), std::domain_error);
}

}  // namespace
}  // namespace journeykit::base
