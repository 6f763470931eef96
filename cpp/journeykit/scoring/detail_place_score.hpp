// The score of one place, from the sums of its components.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "journeykit/scoring/detail_score_sums.hpp"
#include "journeykit/scoring/score.hpp"

namespace journeykit::scoring {

// Score, weights and the sums with the four pseudo-customers.
struct PlaceScore {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> weights;
  std::vector<double> rate, n;  // with pseudo-customers
  double variance = 0;          // of the pseudo-customers; that of the customers comes to it
  double clusters = 0;
};
PlaceScore score_place(const Signs& signs, const ScoreOptions& options, const ScoreSums& sums, std::size_t place);

// Value, interval, contributions, evidence and warning.
void fill(Score& out, const PlaceScore& scored, const Signs& signs, const ScoreOptions& options, const ScoreSums& sums,
          std::size_t place);

std::vector<PointsLost> points_lost(const events::EventLog& log, const Signs& signs, const ScoreOptions& options,
                                    const Places& places, const ScoreSums& sums, const PlaceScore& journey);

}  // namespace journeykit::scoring
