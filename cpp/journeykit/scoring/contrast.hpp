// Comparisons of completed shares between cases that met something and cases that did not, with intervals over
// customers. Shares are pulled by one success and one failure each (Agresti & Caffo 2000), so that 0 of 5 is not
// certain.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

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
struct Stratum {  // the cases that left one step: into the target at least once, or elsewhere only
  std::vector<std::uint32_t> exposed, others;
  double others_good = 0;
};
struct StratifiedContrast {
  std::vector<std::uint32_t> cases;  // that moved into the target from a step that others left elsewhere, ascending
  std::vector<Stratum> strata;
  std::vector<double> weight;  // of each case of the log in its strata: 1 / (strata in which it was exposed)
  std::int64_t customers = 0;
  std::int64_t standing = 0;  // cases that stood at one of these steps
  double exposed_share = kUnknown;
  double lost = kUnknown, low = kUnknown, high = kUnknown, p = kUnknown;  // completions
};
// Cases that moved into `target`, each compared with the cases that left the same steps elsewhere only. moves_from[a]
// are the moves out of touchpoint a in order of cases.
StratifiedContrast compare_moves(const events::Customers& customers, const std::vector<std::vector<Move>>& moves_from,
                                 std::uint32_t target, std::span<const std::uint8_t> good, double confidence);

// 1 for each case after whose last event the same customer starts another case within `within_ns`.
std::vector<std::uint8_t> cases_followed(const events::EventLog& log, const events::Customers& customers,
                                         std::int64_t within_ns);

}  // namespace journeykit::scoring
