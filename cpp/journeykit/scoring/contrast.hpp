// Comparisons of completed shares between cases that met something and cases that did not, with intervals over
// customers. Shares are pulled by one success and one failure each (Agresti & Caffo 2000), so that 0 of 5 is not
// certain.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::scoring {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

struct Contrast {
  std::int64_t exposed = 0, others = 0, customers = 0;
  double exposed_share = kUnknown, other_share = kUnknown;
  double difference = kUnknown;  // others − exposed
  double low = kUnknown, high = kUnknown, p = kUnknown;
};
// exposed[k] tells the side of cases[k]; good[c] is the outcome of case c. NaN where a side is empty.
Contrast compare(const events::Customers& customers, std::span<const std::uint32_t> cases,
                 std::span<const std::uint8_t> exposed, std::span<const std::uint8_t> good, double confidence);

struct Loss {
  std::int64_t lost = 0, customers = 0;
  double others_share = kUnknown;  // completed, of those not lost here
  double completions = kUnknown, low = kUnknown, high = kUnknown, p = kUnknown;
};
// What the cases lost at a step would have completed at the rate of those who went on: lost · others_share.
Loss lost_here(const events::Customers& customers, std::span<const std::uint32_t> cases,
               std::span<const std::uint8_t> lost, std::span<const std::uint8_t> good, double confidence);

struct Move {
  std::uint32_t case_index = 0, target = 0;
};
// Who left each step, and how each step was come to from there.
struct Moves {
  struct WayIn {  // from `source`: positions [begin, end) of the arrivals
    std::uint32_t source = 0;
    std::size_t begin = 0, end = 0;
    std::size_t size() const { return end - begin; }
  };
  struct Arrivals {
    std::vector<WayIn> ways;            // by source
    std::vector<std::uint32_t> places;  // in `left` of the source, ascending: cases that went this way at least once
  };
  std::vector<std::vector<std::uint32_t>> left;  // per step: cases, ascending, each once
  std::vector<double> good_left;                 // per step: how many of them are good
  std::vector<Arrivals> into;                    // per step
};
// moves_from[a] are the moves out of touchpoint a in order of cases; targets are below `touchpoints`.
Moves arrange(const std::vector<std::vector<Move>>& moves_from, std::size_t touchpoints,
              std::span<const std::uint8_t> good, const base::Cancellation& cancellation);

struct StratifiedContrast {
  std::vector<std::uint32_t> cases;  // that moved into the target from a step that others left elsewhere, ascending
  std::vector<Moves::WayIn> strata;  // these steps
  std::vector<std::uint32_t> strata_of_case;  // per case of the log: strata in which it was exposed
  std::int64_t customers = 0;
  std::int64_t standing = 0;  // cases that stood at one of these steps
  double exposed_share = kUnknown;
  double lost = kUnknown, low = kUnknown, high = kUnknown, p = kUnknown;  // completions

  // Of an exposed case in each of its strata, so that it counts once.
  double weight(std::uint32_t c) const { return 1 / static_cast<double>(strata_of_case[c]); }
};
// Cases that moved into `target`, each compared with the cases that left the same steps elsewhere only.
StratifiedContrast compare_moves(const events::Customers& customers, const Moves& moves, std::uint32_t target,
                                 std::span<const std::uint8_t> good, double confidence);

// 1 for each case after whose last event the same customer starts another case within `within_ns`.
std::vector<std::uint8_t> cases_followed(const events::EventLog& log, const events::Customers& customers,
                                         std::int64_t within_ns);

}  // namespace journeykit::scoring
