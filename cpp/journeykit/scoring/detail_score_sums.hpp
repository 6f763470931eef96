// What customers say and do, summed up by place and component: the score and its intervals are made of these.
#pragma once

#include <cstdint>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/clusters.hpp"
#include "journeykit/events/log.hpp"
#include "journeykit/scoring/signs.hpp"

namespace journeykit::scoring {

// Places are numbered: touchpoints by code, then stages by position, then the journey.
struct Places {
  std::size_t touchpoints = 0, stages = 0;
  std::size_t count() const { return touchpoints + stages + 1; }
  std::size_t journey() const { return touchpoints + stages; }
};

struct Sum {
  double bad = 0, squares = 0, n = 0;  // squares: of single observations
};

// Of one component at one place. The squares and products are of the sums of single customers.
struct Cell {
  double bad = 0, squares = 0, n = 0, customers = 0;                 // squares: of single observations
  double bad_squares = 0, n_squares = 0, products = 0, largest = 0;  // products: bad · n; largest: n
  double with_journey = 0;                                           // bad · n of the whole journey
};

struct ScoreSums {
  std::size_t components = 0;
  std::vector<Cell> cells;  // by place, component
  Cell elsewhere;           // of completion: cases lost at no known touchpoint
  const Cell& at(std::size_t place, std::size_t component) const { return cells[place * components + component]; }
};
ScoreSums sum_signs(const events::EventLog& log, const Signs& signs, const Places& places,
                    const events::CustomerGroups& customers, const base::Cancellation& cancellation);

// Per place: Σ over customers of (Σ over components of weight · (bad − rate · n) / whole)². The three stand by place,
// component; a weight of 0 leaves the component out.
struct Linear {
  double weight = 0, rate = 0, whole = 0;
};
std::vector<double> sum_influences(const events::EventLog& log, const Signs& signs, const Places& places,
                                   const events::CustomerGroups& customers, const std::vector<Linear>& linear,
                                   const base::Cancellation& cancellation);

}  // namespace journeykit::scoring
