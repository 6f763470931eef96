// From counts to the observed map, wherever the counts come from: a log in memory or the state of its parts.
#pragma once

#include <string>
#include <vector>

#include "journeykit/discovery/directly_follows.hpp"
#include "journeykit/discovery/discover.hpp"
#include "journeykit/discovery/stages.hpp"

namespace journeykit::discovery {

struct Standing {  // where in their cases the touchpoints stand, by code
  std::vector<double> position;
  std::vector<std::int64_t> events, cases;
};
Stages propose_stages(const std::vector<std::string>& names, Standing standing);
Stages planned_stages(const std::vector<std::string>& names, std::span<const StagePlan> plan, Standing standing,
                      const base::Cancellation& cancellation);

struct Observed {  // all by touchpoint code; codes stand in byte order of the names
  const std::vector<std::string>& names;
  const DirectlyFollows& graph;
  std::vector<std::vector<std::string>> channels, departments;  // sorted, distinct
};
void check_names(const std::vector<std::string>& names, const DiscoverOptions& options);
journey::JourneyMap observed_map(const Observed& seen, const Stages& stages, const DiscoverOptions& options,
                                 const base::Cancellation& cancellation);

}  // namespace journeykit::discovery
