// Logs and maps are values: any number of threads may read the same one, and copies may be edited meanwhile. The
// answers are checked here; that no access races is for ThreadSanitizer to say (make tsan). JOURNEYKIT_THREAD_ROUNDS
// in the environment sets how long.
#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>
#include <thread>

#include "events/make_log.hpp"
#include "journeykit/discovery/directly_follows.hpp"
#include "journeykit/discovery/discover.hpp"
#include "journeykit/discovery/variants.hpp"
#include "journeykit/events/operations.hpp"
#include "journeykit/journey/diff.hpp"
#include "journeykit/journey/map_json.hpp"
#include "journeykit/journey/merge.hpp"
#include "journeykit/journey/validate.hpp"
#include "journeykit/metrics/measure.hpp"
#include "journeykit/scoring/score.hpp"

namespace journeykit::scoring {
namespace {

int rounds() {
  const char* asked = std::getenv("JOURNEYKIT_THREAD_ROUNDS");
  return asked != nullptr ? std::max(1, std::atoi(asked)) : 5;
}

events::EventLog shared_log() {
  std::vector<test::Event> rows;
  std::uint32_t state = 1;
  for (int c = 0; c < 40; ++c) {
    for (int k = 0; k < 6; ++k) {
      state = state * 1664525U + 1013904223U;
      rows.push_back(
          {"case " + std::to_string(c), std::string(1, static_cast<char>('a' + (state >> 24U) % 5)), 60 * k});
    }
  }
  events::LogOptions options;
  options.endings.completed = {"a"};
  return test::make_log(rows, std::move(options));
}

journey::JourneyMap map_of(const events::EventLog& log, unsigned threads) {
  const auto parts = discovery::segments(log, {});
  return discovery::discover(log, parts, {"shared", {}, 1, threads}, {}).front();
}

// Everything that a reader asks, as one text.
std::string answers(const events::EventLog& log, const journey::JourneyMap& map, unsigned threads) {
  const events::EventLog copy = log;
  const auto parts = discovery::segments(copy, {});
  std::string out = std::to_string(discovery::directly_follows(copy, parts, {threads}, {}).front().edges.size());
  out += " " + std::to_string(discovery::variants(log, parts, {}).size());
  const auto share = metrics::measure(log, metrics::CaseShare{}, "completion", {}, {});
  out += " " + std::to_string(share.rows.at(0).estimate.value);
  const Scorecard card = score(map, log, {}, {});
  out += " " + std::to_string(card.cases) + " " + std::to_string(card.touchpoints.size());
  out += " " + std::to_string(journey::validate(map, {}, {}).size());
  const journey::JourneyMap read = journey::from_json(journey::to_json(map));
  out += read == map && journey::diff(read, map).empty() ? " equal" : " differs";
  return out + " " + std::to_string(map_of(log, threads).transition_count());
}

TEST(Threads, readers_of_shared_values_and_a_writer_of_copies_do_not_disturb_each_other) {
  const events::EventLog log = shared_log();
  const journey::JourneyMap map = map_of(log, 1);
  const std::string expected = answers(log, map, 1);
  for (const unsigned readers : {1U, 2U, 8U}) {
    std::mutex guard;
    journey::JourneyMap latest = map;  // what the writer publishes
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    threads.emplace_back([&] {
      for (int k = 0; k < 20 * rounds(); ++k) {
        journey::JourneyMap mine = map;
        mine.add(journey::Touchpoint{.id = "new " + std::to_string(k)});
        mine.remove_touchpoint("b", true);
        const journey::JourneyMap merged = journey::merge(map, mine, map, {}, {}).map;
        const events::EventLog less = events::collapse_repeats(log);
        const events::EventLog renamed = events::with_touchpoints(log, {"v", "w", "x", "y", "z"});
        if (!(merged == mine) || less.event_count() > log.event_count() ||
            !renamed.touchpoint_names()[0].starts_with("v"))
          ++wrong;
        const std::scoped_lock lock(guard);
        latest = mine;
      }
    });
    for (unsigned r = 0; r < readers; ++r) {
      threads.emplace_back([&, r] {
        const journey::JourneyMap own_map = map;
        const events::EventLog own_log = r % 2 == 0 ? log : shared_log();  // shared columns, and separate ones
        for (int k = 0; k < rounds(); ++k) {
          if (answers(own_log, r % 3 == 0 ? map : own_map, 1 + r % 3) != expected) ++wrong;
          journey::JourneyMap seen;
          {
            const std::scoped_lock lock(guard);
            seen = latest;
          }
          if (seen.touchpoint_count() < map.touchpoint_count() - 1) ++wrong;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0) << readers << " readers";
  }
}

TEST(Threads, a_writer_edits_its_copy_while_the_original_is_read) {
  const journey::JourneyMap map = map_of(shared_log(), 2);
  const std::string text = journey::to_json(map);
  std::atomic<int> wrong = 0;
  std::thread reader([&] {
    for (int k = 0; k < 50 * rounds(); ++k) {
      if (journey::to_json(map) != text) ++wrong;
    }
  });
  for (int k = 0; k < 50 * rounds(); ++k) {
    journey::JourneyMap copy = map;
    copy.rename_touchpoint("a", "renamed");
    copy.remove_touchpoint("c", true);
  }
  reader.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace journeykit::scoring
