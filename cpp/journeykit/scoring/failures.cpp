#include "journeykit/scoring/failures.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <iterator>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/scoring/detail_failures.hpp"

namespace journeykit::scoring {
namespace {

using events::CaseStatus;
using events::EventLog;

void check(const RankOptions& options) {
  constexpr std::size_t fewest = 100, most = 1'000'000;
  if (options.replicates < fewest || options.replicates > most)
    throw base::InvalidInput("replicates is " + std::to_string(options.replicates) + "; expected 100 to 1,000,000");
  if (options.top < 1) throw base::InvalidInput("top is " + std::to_string(options.top) + "; expected 1 or more");
}

}  // namespace

std::string_view to_string(FailureKind kind) {
  constexpr std::array<std::string_view, 7> names = {"drop_off",  "detour",    "repeat",        "slow",
                                                     "low_score", "hand_over", "repeat_contact"};
  return names[static_cast<std::size_t>(kind)];
}

std::vector<Failure> find_failures(const Scorecard& card, const journey::JourneyMap& map, const EventLog& log,
                                   const RankOptions& ranks, const base::Cancellation& cancellation) {
  check(ranks);
  Signs signs;
  events::Customers customers;
  events::CustomerGroups groups;
  base::parallel_for(2, 1, ranks.threads, cancellation, [&](std::size_t part, std::size_t) {
    if (part == 0) {
      signs = read_signs(map, log, card.options);
    } else {
      customers = events::customers(log);
      groups = events::customer_groups(log, ranks.groups, ranks.seed);
    }
  });
  FailureInput in{log,    signs,         customers,    card.options,
                  groups, ranks.threads, cancellation, std::vector<std::uint32_t>(log.case_count()),
                  {}};
  for (std::size_t g = 0; g < groups.count; ++g) {
    for (const std::uint32_t c : groups.cases_of(g)) in.group_of_case[c] = static_cast<std::uint32_t>(g);
  }
  for (const CaseStatus status : signs.status) in.completed.push_back(status == CaseStatus::Completed ? 1 : 0);
  // Read beside the visits where there is another core: the caller's thread stays with what takes longer.
  const bool apart = signs.has_completion && base::thread_count(ranks.threads) > 1;
  std::future<Moves> moves =
      std::async(apart ? std::launch::async : std::launch::deferred, [&] { return read_moves(in); });
  Candidates candidates = visit_failures(in);
  if (signs.has_completion) std::ranges::move(detours(in, moves.get()), std::back_inserter(candidates));
  const PointWeights weights = point_weights(signs, card);
  const BadnessSums badness = sum_badness(log, signs, groups, ranks.threads, cancellation);
  price(candidates, in, weights, badness);
  std::erase_if(candidates, [](const Candidate& candidate) { return candidate.failure.points_lost <= 0; });
  std::ranges::stable_sort(candidates, [](const Candidate& one, const Candidate& other) {
    const Failure &a = one.failure, &b = other.failure;
    if (a.evidence != b.evidence) return a.evidence > b.evidence;
    if (a.points_lost != b.points_lost) return a.points_lost > b.points_lost;
    if (a.touchpoint != b.touchpoint) return a.touchpoint < b.touchpoint;
    return a.kind < b.kind;
  });
  add_ranks(candidates, signs, weights, badness, groups.customers, ranks, card.options.confidence, cancellation);
  std::vector<Failure> out;
  for (Candidate& candidate : candidates) out.push_back(std::move(candidate.failure));
  return out;
}

}  // namespace journeykit::scoring
