#include "journeykit/scoring/score.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "journeykit/base/error.hpp"
#include "journeykit/events/clusters.hpp"
#include "journeykit/scoring/detail_place_score.hpp"
#include "journeykit/scoring/signs.hpp"

namespace journeykit::scoring {
namespace {

using events::CaseStatus;
using events::EventLog;

void check(const ScoreOptions& options) {
  const Weights& w = options.weights;
  for (const double weight : {w.experience, w.friction, w.completion}) {
    if (!(weight >= 0) || !std::isfinite(weight))
      throw base::InvalidInput("a weight is " + std::to_string(weight) + "; expected numbers from 0 up");
  }
  if (w.experience + w.friction + w.completion <= 0)
    throw base::InvalidInput("all weights are 0; give at least one component a weight");
  if (options.minimum_n < 1)
    throw base::InvalidInput("minimum_n is " + std::to_string(options.minimum_n) + "; expected 1 or more");
  metrics::check_confidence(options.confidence);
}

}  // namespace

std::string_view to_string(Group group) {
  constexpr std::array<std::string_view, 3> names = {"experience", "friction", "completion"};
  return names[static_cast<std::size_t>(group)];
}

Scorecard score(const journey::JourneyMap& map, const EventLog& log, ScoreOptions options,
                const base::Cancellation& cancellation) {
  check(options);
  const Signs signs = read_signs(map, log, options);
  const Places places{log.touchpoint_names().size(), map.stages().size()};
  const std::size_t components = signs.components.size();
  const events::CustomerGroups customers = events::customer_groups(log, static_cast<std::size_t>(-1));
  const ScoreSums sums = sum_signs(log, signs, places, customers, cancellation);

  std::vector<PlaceScore> scored;
  std::vector<Linear> linear;
  for (std::size_t place = 0; place < places.count(); ++place) {
    scored.push_back(score_place(signs, options, sums, place));
    const PlaceScore& own = scored.back();
    for (std::size_t k = 0; k < components; ++k) linear.push_back({100 * own.weights[k], own.rate[k], own.n[k]});
  }
  const std::vector<double> variances = sum_influences(log, signs, places, customers, linear, cancellation);
  for (std::size_t place = 0; place < places.count(); ++place) scored[place].variance += variances[place];

  // Cases and customers at each place.
  std::vector<std::int64_t> cases_here(places.count(), 0), customers_here(places.count(), 0);
  std::vector<std::size_t> last_case(places.count(), log.case_count()), last_customer(places.count(), customers.count);
  const auto offsets = log.case_offsets();
  const auto touchpoints = log.touchpoints();
  for (const std::uint32_t c : customers.cases) {
    const auto visit = [&](std::size_t place) {
      if (last_case[place] == c) return;
      last_case[place] = c;
      ++cases_here[place];
      if (last_customer[place] != customers.of_case[c]) ++customers_here[place];
      last_customer[place] = customers.of_case[c];
    };
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      const std::uint32_t touchpoint = touchpoints[k];
      visit(touchpoint);
      if (signs.stage_of[touchpoint] != kNowhere) visit(places.touchpoints + signs.stage_of[touchpoint]);
    }
    visit(places.journey());
  }
  const auto score_of = [&](std::string id, std::string name, std::size_t place) {
    Score out;
    out.id = std::move(id);
    out.name = std::move(name);
    out.n = cases_here[place];
    out.customers = customers_here[place];
    fill(out, scored[place], signs, options, sums, place);
    return out;
  };
  Scorecard card;
  options.slow_ns = signs.slow_ns;
  card.options = options;
  card.cases = static_cast<std::int64_t>(log.case_count());
  card.open_cases = std::ranges::count(signs.status, CaseStatus::Open);
  card.journey = score_of("", map.about().name, places.journey());
  for (std::size_t s = 0; s < places.stages; ++s)
    card.stages.push_back(score_of(map.stages()[s].id, map.stages()[s].name, places.touchpoints + s));
  const auto& names = log.touchpoint_names();
  for (const journey::Touchpoint& touchpoint : map.touchpoints()) {
    const auto at = std::ranges::lower_bound(names, touchpoint.id);
    if (at != names.end() && *at == touchpoint.id) {
      card.touchpoints.push_back(
          score_of(touchpoint.id, touchpoint.name, static_cast<std::size_t>(at - names.begin())));
    } else {
      Score drawn_only;
      drawn_only.id = touchpoint.id;
      drawn_only.name = touchpoint.name;
      drawn_only.warning = "no data: the log never visits this touchpoint";
      card.touchpoints.push_back(std::move(drawn_only));
    }
  }
  card.points_lost = points_lost(log, signs, options, places, sums, scored[places.journey()]);
  return card;
}

}  // namespace journeykit::scoring
