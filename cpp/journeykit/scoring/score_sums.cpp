#include <algorithm>
#include <array>
#include <cmath>

#include "journeykit/base/parallel.hpp"
#include "journeykit/scoring/detail_score_sums.hpp"

namespace journeykit::scoring {
namespace {

using events::CaseStatus;
using events::EventLog;

// Sums per (place, component), with the list of those that one customer touched.
class Sums {
 public:
  Sums(std::size_t places, std::size_t components) : components_(components), sums_(places * components) {}
  Sum& at(std::size_t place, std::size_t component) { return sums_[place * components_ + component]; }
  void add(std::size_t place, std::size_t component, const Sum& more) {
    Sum& sum = at(place, component);
    if (sum.n == 0) touched_.push_back(place * components_ + component);
    sum.bad += more.bad;
    sum.squares += more.squares;
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
          sums.add(place, component, Sum{bad, bad * bad, 1});
        });
      }
      sums.roll_up(signs, places);
      at_customer(b, sums);
      sums.clear();
    }
  });
}

void add_customer(Cell& cell, const Sum& own, double n_of_journey) {
  cell.bad += own.bad;
  cell.squares += own.squares;
  cell.n += own.n;
  cell.customers += 1;
  cell.bad_squares += own.bad * own.bad;
  cell.n_squares += own.n * own.n;
  cell.products += own.bad * own.n;
  cell.largest = std::max(cell.largest, own.n);
  cell.with_journey += own.bad * n_of_journey;
}

void add_block(Cell& out, const Cell& block) {
  out.bad += block.bad;
  out.squares += block.squares;
  out.n += block.n;
  out.customers += block.customers;
  out.bad_squares += block.bad_squares;
  out.n_squares += block.n_squares;
  out.products += block.products;
  out.largest = std::max(out.largest, block.largest);
  out.with_journey += block.with_journey;
}

}  // namespace

ScoreSums sum_signs(const EventLog& log, const Signs& signs, const Places& places,
                    const events::CustomerGroups& customers, const base::Cancellation& cancellation) {
  const std::size_t components = signs.components.size(), completion = components - 1;
  const std::size_t cells = places.count() * components;
  const std::vector<std::size_t> blocks = events::group_blocks(customers, log.event_count(), cells);
  std::vector<ScoreSums> of_block(blocks.size() - 1, {components, std::vector<Cell>(cells), {}});
  for_each_customer(log, signs, places, customers, blocks, cancellation, [&](std::size_t b, Sums& sums) {
    ScoreSums& mine = of_block[b];
    for (const std::size_t cell : sums.touched()) {
      add_customer(mine.cells[cell], sums.cell(cell), sums.at(places.journey(), cell % components).n);
    }
    const Sum& journey = sums.at(places.journey(), completion);
    if (journey.n == 0) return;
    Sum elsewhere = journey;
    for (const std::size_t cell : sums.touched()) {
      if (cell % components == completion && cell / components < places.touchpoints)
        elsewhere.bad -= sums.cell(cell).bad;
      elsewhere.squares -= sums.cell(cell).squares;
    }
    add_customer(mine.elsewhere, elsewhere, journey.n);
  });
  ScoreSums out = std::move(of_block.front());
  for (std::size_t b = 1; b < of_block.size(); ++b) {
    for (std::size_t k = 0; k < cells; ++k) add_block(out.cells[k], of_block[b].cells[k]);
    add_block(out.elsewhere, of_block[b].elsewhere);
  }
  return out;
}

std::vector<double> sum_influences(const EventLog& log, const Signs& signs, const Places& places,
                                   const events::CustomerGroups& customers, const std::vector<Linear>& linear,
                                   const base::Cancellation& cancellation) {
  const std::size_t components = signs.components.size();
  const std::vector<std::size_t> blocks = events::group_blocks(customers, log.event_count(), linear.size());
  std::vector<std::vector<double>> influences(blocks.size() - 1, std::vector<double>(places.count(), 0));
  std::vector<std::vector<double>> squares = influences;
  for_each_customer(log, signs, places, customers, blocks, cancellation, [&](std::size_t b, Sums& sums) {
    std::vector<double>& influence = influences[b];
    for (const std::size_t cell : sums.touched()) {
      const Linear& of = linear[cell];
      if (of.weight != 0)
        influence[cell / components] += of.weight * (sums.cell(cell).bad - of.rate * sums.cell(cell).n) / of.whole;
    }
    for (const std::size_t cell : sums.touched()) {
      double& mine = influence[cell / components];
      squares[b][cell / components] += mine * mine;
      mine = 0;  // a place touched by several components is squared once
    }
  });
  std::vector<double> out(places.count(), 0);
  for (const std::vector<double>& block : squares) {
    for (std::size_t place = 0; place < places.count(); ++place) out[place] += block[place];
  }
  return out;
}

}  // namespace journeykit::scoring
