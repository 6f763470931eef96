// Chains of maps and logs. SCIENCE notes §4.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"
#include "journeykit/journey/map.hpp"
#include "journeykit/markov/chain.hpp"
#include "journeykit/markov/outcome.hpp"

namespace journeykit::markov {

// A journey moves along the transitions of the map; the rest of a touchpoint's visits ends there, in the end "exit". A
// touchpoint without transitions, and each of `ends`, is an end of its own name. Counts where every transition has
// one, else probabilities. Starts as counted, else at the only touchpoint that nothing leads to.
ChainParts parts_of_map(const journey::JourneyMap& map, const std::vector<std::string>& ends);

struct LogParts {
  ChainParts parts;
  // Seconds from an event to the next by the mean of each move, in the order of `parts.moves`, and the variance inside
  // the moves of each state. A last event takes its own duration where it has one, else none.
  std::vector<double> move_seconds;
  std::vector<double> variance_seconds2;
  std::int64_t cases = 0;             // whose end counts
  std::int64_t open_cases = 0;        // censored: their moves count, their end does not exist yet
  std::vector<std::string> left_out;  // touchpoints from which no case has ended so far, with the moves into them
};
// States are the touchpoints, ends how cases ended (completed, failed, abandoned); or the touchpoints `ends`, which
// end a case where it first comes to one. Cases that begin at such a one are left out.
LogParts parts_of_log(const events::EventLog& log, const std::vector<std::string>& ends,
                      const base::Cancellation& cancellation = {});

// Distinct journeys of a log with how often each occurs, over the states and ends of its chain.
struct Journeys {
  std::vector<std::size_t> offsets{0};
  std::vector<std::uint32_t> states;
  std::vector<std::uint32_t> ends;  // number of states + end; kOpen: not over yet
  std::vector<double> weights;
  std::size_t size() const { return weights.size(); }
};
inline constexpr std::uint32_t kOpen = 0xFFFFFFFF;
Journeys journeys_of_log(const events::EventLog& log, const std::vector<std::string>& ends, const Chain& chain,
                         const base::Cancellation& cancellation = {});

// The counts of the chain's moves, then of its starts, in each of some groups of cases: row-major, shape (groups, moves
// + starts). `cases` are those of all groups, group by group, up to offsets[g + 1].
std::vector<double> counts_of_groups(const events::EventLog& log, const std::vector<std::string>& ends,
                                     const Chain& chain, std::span<const std::uint32_t> cases,
                                     std::span<const std::size_t> offsets, const base::Cancellation& cancellation = {});
// The same when whole customers of the log are drawn again: row-major,
// shape (replicates, moves + starts), as given_replicates() takes them. `chain` is of this log and these ends.
std::vector<double> customer_replicates(const events::EventLog& log, const std::vector<std::string>& ends,
                                        const Chain& chain, std::size_t replicates, std::uint64_t seed,
                                        unsigned threads, const base::Cancellation& cancellation = {});

}  // namespace journeykit::markov
