// The results of the room as tables, in the order of the result.
#pragma once

#include <vector>

#include "journeykit/base/table.hpp"
#include "journeykit/scoring/failures.hpp"
#include "journeykit/scoring/score.hpp"
#include "journeykit/scoring/slices.hpp"

namespace journeykit::scoring {

// id, name, score, low, high, n, customers, then for experience, friction and completion the component (0–100) and the
// points it loses (these sum to 100 − score), evidence, warning. Missing: no data.
base::Table scores_table(const std::vector<Score>& scores);
// id, group, component, value, weight, points, points_lost, n, customers: a row per score and component.
base::Table contributions_table(const std::vector<Score>& scores);
// touchpoint, group, component, points_lost.
base::Table points_lost_table(const std::vector<PointsLost>& lost);
// rank, kind, touchpoint, stage and the numbers of Failure; example cases joined by "; ". Only observed failures are
// ranked.
base::Table failures_table(const std::vector<Failure>& failures, const journey::JourneyMap& map);
base::Table slices_table(const std::vector<Slice>& slices);

}  // namespace journeykit::scoring
