#include "journeykit/scoring/score.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/events/clusters.hpp"
#include "journeykit/metrics/quantile.hpp"
#include "journeykit/scoring/signs.hpp"

namespace journeykit::scoring {
namespace {

using events::CaseStatus;
using events::EventLog;

// Places are numbered: touchpoints by code, then stages by position, then the journey.
struct Places {
  std::size_t touchpoints = 0, stages = 0;
  std::size_t count() const { return touchpoints + stages + 1; }
  std::size_t journey() const { return touchpoints + stages; }
};

struct Sum {
  double bad = 0, n = 0;
};

// Sums per (place, component), with the list of those that one customer touched.
class Sums {
 public:
  Sums(std::size_t places, std::size_t components) : components_(components), sums_(places * components) {}
  Sum& at(std::size_t place, std::size_t component) { return sums_[place * components_ + component]; }
  void add(std::size_t place, std::size_t component, const Sum& more) {
    Sum& sum = at(place, component);
    if (sum.n == 0) touched_.push_back(place * components_ + component);
    sum.bad += more.bad;
    sum.n += more.n;
  }
  // What visits say is read at their touchpoint only; here it is added to the stage and the journey.
  void roll_up(const Signs& signs, const Places& places) {
    const std::size_t read = touched_.size();
    for (std::size_t k = 0; k < read; ++k) {
      const std::size_t place = touched_[k] / components_, component = touched_[k] % components_;
      if (place >= places.touchpoints || component >= signs.seen_per_event()) continue;
      const Sum sum = sums_[touched_[k]];
      if (signs.stage_of[place] != kNowhere) add(places.touchpoints + signs.stage_of[place], component, sum);
      add(places.journey(), component, sum);
    }
  }
  const std::vector<std::size_t>& touched() const { return touched_; }
  Sum cell(std::size_t index) const { return sums_[index]; }
  void clear() {
    for (const std::size_t index : touched_) sums_[index] = {};
    touched_.clear();
  }

 private:
  std::size_t components_;
  std::vector<Sum> sums_;
  std::vector<std::size_t> touched_;
};

// Everything that one case says: of visits at their touchpoint, of its end at every place it concerns.
class CaseReader {
 public:
  CaseReader(const EventLog& log, const Signs& signs, const Places& places)
      : log_(log), signs_(signs), places_(places), seen_(places.count(), 0) {}

  template <class Add>  // add(place, component, badness)
  void read(std::size_t c, const Add& add) {
    const auto offsets = log_.case_offsets();
    const auto touchpoints = log_.touchpoints();
    ++mark_;
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      const std::array<std::size_t, 3> here = {touchpoints[k], stage(touchpoints[k]), places_.journey()};
      for (std::size_t component = 0; component < signs_.seen_per_event(); ++component) {
        const double bad = signs_.badness(component, k);
        if (!std::isnan(bad)) add(touchpoints[k], component, bad);
      }
      for (const std::size_t place : here) visit(c, place, add);
    }
  }

 private:
  std::size_t stage(std::uint32_t touchpoint) const {
    const std::uint32_t position = signs_.stage_of[touchpoint];
    return position == kNowhere ? kNowhere : places_.touchpoints + position;
  }
  // The first time a closed case is at a place: was it lost here?
  template <class Add>
  void visit(std::size_t c, std::size_t place, const Add& add) {
    if (place == kNowhere || seen_[place] == mark_) return;
    seen_[place] = mark_;
    if (!signs_.has_completion || !closed(signs_.status[c])) return;
    bool lost = signs_.status[c] != CaseStatus::Completed;
    if (place != places_.journey()) {
      if (!signs_.has_places) return;
      const std::uint32_t at = signs_.lost_at[c];
      lost = at != kNowhere && (place < places_.touchpoints ? at == place : stage(at) == place);
    }
    add(place, signs_.components.size() - 1, lost ? 1.0 : 0.0);
  }

  const EventLog& log_;
  const Signs& signs_;
  const Places& places_;
  std::vector<std::size_t> seen_;
  std::size_t mark_ = 0;
};

struct CellTotals {
  std::vector<Sum> sums;  // per (place, component)
  std::vector<std::int64_t> customers;
};

// Weight of each component at one place: groups without data give theirs to the others in proportion.
std::vector<double> shared_weights(const Signs& signs, const Weights& weights,
                                   const std::vector<std::uint8_t>& usable) {
  const std::array<double, 3> of_group = {weights.experience, weights.friction, weights.completion};
  std::array<double, 3> members = {0, 0, 0};
  for (std::size_t k = 0; k < usable.size(); ++k)
    members[static_cast<std::size_t>(signs.components[k].group)] += usable[k];
  double total = 0;
  for (std::size_t g = 0; g < 3; ++g) total += members[g] > 0 ? of_group[g] : 0;
  std::vector<double> out(usable.size(), 0);
  for (std::size_t k = 0; k < usable.size(); ++k) {
    const auto g = static_cast<std::size_t>(signs.components[k].group);
    if (usable[k] != 0 && total > 0) out[k] = of_group[g] / total / members[g];
  }
  return out;
}

std::string left_out(const Signs& signs, const std::vector<Sum>& sums, std::size_t first, std::int64_t minimum_n) {
  std::string warning;
  for (std::size_t k = 0; k < signs.components.size(); ++k) {
    const double n = sums[first + k].n;
    if (n <= 0 || n >= static_cast<double>(minimum_n)) continue;
    warning += (warning.empty() ? "" : "; ") + signs.components[k].name +
               " left out: " + std::to_string(static_cast<std::int64_t>(n)) + " of at least " +
               std::to_string(minimum_n);
  }
  return warning;
}

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

// Whole customers in blocks, the same for any number of threads: what blocks add up to is added in their order.
std::vector<std::size_t> blocks_of(const EventLog& log, const events::CustomerGroups& customers, std::size_t cells) {
  constexpr std::size_t least_events = 65'536, most_blocks = 64, most_cells = 2'000'000;
  const std::size_t blocks = std::clamp<std::size_t>(log.event_count() / least_events, 1,
                                                     std::clamp(most_cells / cells, std::size_t{1}, most_blocks));
  std::vector<std::size_t> out;
  for (std::size_t b = 0; b <= blocks; ++b) out.push_back(customers.count * b / blocks);
  return out;
}

// Reads the customers of each block; at_customer(block, sums) for each of them.
template <class AtCustomer>
void for_each_customer(const EventLog& log, const Signs& signs, const Places& places,
                       const events::CustomerGroups& customers, const std::vector<std::size_t>& blocks,
                       const base::Cancellation& cancellation, const AtCustomer& at_customer) {
  base::parallel_for(blocks.size() - 1, 1, 0, cancellation, [&](std::size_t b, std::size_t) {
    CaseReader reader(log, signs, places);
    Sums sums(places.count(), signs.components.size());
    for (std::size_t customer = blocks[b]; customer < blocks[b + 1]; ++customer) {
      constexpr std::size_t between_checks = 256;
      if (customer % between_checks == 0) cancellation.check();
      for (const std::uint32_t c : customers.cases_of(customer)) {
        reader.read(c, [&](std::size_t place, std::size_t component, double bad) {
          sums.add(place, component, Sum{bad, 1});
        });
      }
      sums.roll_up(signs, places);
      at_customer(b, sums);
      sums.clear();
    }
  });
}

// Score, weights and the sums with the four pseudo-customers, per place.
struct PlaceScore {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> weights;
  std::vector<double> rate, n;  // with pseudo-customers
  double variance = 0;
  std::int64_t clusters = 0;
};

PlaceScore score_place(const Signs& signs, const ScoreOptions& options, const CellTotals& totals, std::size_t first) {
  PlaceScore out;
  const std::size_t components = signs.components.size();
  std::vector<std::uint8_t> usable(components, 0);
  for (std::size_t k = 0; k < components; ++k)
    usable[k] = totals.sums[first + k].n >= static_cast<double>(options.minimum_n) ? 1 : 0;
  out.weights = shared_weights(signs, options.weights, usable);
  out.rate.assign(components, 0);
  out.n.assign(components, 0);
  double value = 0;
  bool any = false;
  for (std::size_t k = 0; k < components; ++k) {
    if (out.weights[k] == 0) continue;
    const Sum& sum = totals.sums[first + k];
    any = true;
    value += out.weights[k] * 100 * (1 - sum.bad / sum.n);
    const double per_customer = sum.n / static_cast<double>(totals.customers[first + k]);
    out.n[k] = sum.n + 4 * per_customer;
    out.rate[k] = (sum.bad + 2 * per_customer) / out.n[k];
    out.clusters = std::max(out.clusters, totals.customers[first + k] + 4);
  }
  if (any) out.value = value;
  if (any) {  // the pseudo-customers' own part of the variance: two with rate 0, two with rate 1
    for (const double rate : {0.0, 1.0}) {
      double influence = 0;
      for (std::size_t k = 0; k < components; ++k) {
        if (out.weights[k] != 0) {
          const double per_customer = totals.sums[first + k].n / static_cast<double>(totals.customers[first + k]);
          influence += out.weights[k] * 100 * per_customer * (rate - out.rate[k]) / out.n[k];
        }
      }
      out.variance += 2 * influence * influence;
    }
  }
  return out;
}

void fill(Score& out, const PlaceScore& place, const Signs& signs, const ScoreOptions& options,
          const CellTotals& totals, std::size_t first) {
  out.value = place.value;
  out.warning = left_out(signs, totals.sums, first, options.minimum_n);
  if (std::isnan(place.value)) {
    if (out.warning.empty()) out.warning = "no data";
    return;
  }
  double centre = 100;
  for (std::size_t k = 0; k < signs.components.size(); ++k) {
    if (place.weights[k] == 0) continue;
    const Sum& sum = totals.sums[first + k];
    const double value = 100 * (1 - sum.bad / sum.n);
    out.contributions.push_back({signs.components[k].group, signs.components[k].name, value, place.weights[k],
                                 place.weights[k] * value, static_cast<std::int64_t>(sum.n),
                                 totals.customers[first + k]});
    centre -= place.weights[k] * 100 * place.rate[k];
  }
  const auto g = static_cast<double>(place.clusters);
  const double half =
      metrics::t_quantile(0.5 + options.confidence / 2, g - 1) * std::sqrt(place.variance * g / (g - 1));
  out.low = std::max(0.0, std::min(centre - half, out.value));
  out.high = std::min(100.0, std::max(centre + half, out.value));
}

// Observed unless a whole group (experience, friction, completion) had too few observations to count.
journey::Evidence evidence_of(const Signs& signs, const Weights& weights, const PlaceScore& place,
                              const CellTotals& totals, std::size_t first) {
  const std::array<bool, 3> wanted = {weights.experience > 0, weights.friction > 0, weights.completion > 0};
  std::array<bool, 3> seen{}, used{};
  for (std::size_t k = 0; k < signs.components.size(); ++k) {
    const auto group = static_cast<std::size_t>(signs.components[k].group);
    seen[group] = seen[group] || (wanted[group] && totals.sums[first + k].n > 0);
    used[group] = used[group] || place.weights[k] > 0;
  }
  if (seen == std::array<bool, 3>{}) return journey::Evidence::Assumed;
  for (std::size_t group = 0; group < seen.size(); ++group) {
    if (seen[group] && !used[group]) return journey::Evidence::PartlyObserved;
  }
  return journey::Evidence::Observed;
}

std::vector<PointsLost> points_lost(const EventLog& log, const Signs& signs, const Places& places,
                                    const CellTotals& totals, const PlaceScore& journey) {
  std::vector<PointsLost> out;
  const std::size_t components = signs.components.size();
  const std::size_t first = places.journey() * components;
  for (std::size_t k = 0; k < components; ++k) {
    if (journey.weights[k] == 0) continue;
    const double per_bad = journey.weights[k] * 100 / totals.sums[first + k].n;
    const Component& component = signs.components[k];
    double elsewhere = totals.sums[first + k].bad;
    for (std::size_t t = 0; t < places.touchpoints; ++t) {
      const double bad = totals.sums[t * components + k].bad;
      if (bad > 0) out.push_back({log.touchpoint_names()[t], component.group, component.name, per_bad * bad});
      elsewhere -= bad;
    }
    if (component.group == Group::Completion && elsewhere > 0)
      out.push_back({"", component.group, component.name, per_bad * elsewhere});
  }
  std::ranges::stable_sort(out, std::greater(), &PointsLost::points);
  return out;
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
  const std::size_t cells = places.count() * components;
  const std::vector<std::size_t> blocks = blocks_of(log, customers, cells);

  const CellTotals nothing{std::vector<Sum>(cells), std::vector<std::int64_t>(cells, 0)};
  std::vector<CellTotals> of_block(blocks.size() - 1, nothing);
  for_each_customer(log, signs, places, customers, blocks, cancellation, [&](std::size_t b, const Sums& sums) {
    CellTotals& mine = of_block[b];
    for (const std::size_t cell : sums.touched()) {
      mine.sums[cell].bad += sums.cell(cell).bad;
      mine.sums[cell].n += sums.cell(cell).n;
      ++mine.customers[cell];
    }
  });
  CellTotals totals = nothing;
  for (const CellTotals& block : of_block) {
    for (std::size_t cell = 0; cell < cells; ++cell) {
      totals.sums[cell].bad += block.sums[cell].bad;
      totals.sums[cell].n += block.sums[cell].n;
      totals.customers[cell] += block.customers[cell];
    }
  }

  std::vector<PlaceScore> scored;
  for (std::size_t place = 0; place < places.count(); ++place)
    scored.push_back(score_place(signs, options, totals, place * components));
  std::vector<std::vector<double>> influences(of_block.size(), std::vector<double>(places.count(), 0));
  std::vector<std::vector<double>> variances = influences;
  for_each_customer(log, signs, places, customers, blocks, cancellation, [&](std::size_t b, const Sums& sums) {
    std::vector<double>& influence = influences[b];
    for (const std::size_t cell : sums.touched()) {
      const PlaceScore& place = scored[cell / components];
      const std::size_t k = cell % components;
      if (place.weights[k] != 0)
        influence[cell / components] +=
            place.weights[k] * 100 * (sums.cell(cell).bad - place.rate[k] * sums.cell(cell).n) / place.n[k];
    }
    for (const std::size_t cell : sums.touched()) {
      double& mine = influence[cell / components];
      variances[b][cell / components] += mine * mine;
      mine = 0;  // a place touched by several components is squared once
    }
  });
  for (const std::vector<double>& variance : variances) {
    for (std::size_t place = 0; place < places.count(); ++place) scored[place].variance += variance[place];
  }

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
    fill(out, scored[place], signs, options, totals, place * components);
    out.evidence = evidence_of(signs, options.weights, scored[place], totals, place * components);
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
  card.points_lost = points_lost(log, signs, places, totals, scored[places.journey()]);
  return card;
}

}  // namespace journeykit::scoring
