#include "journeykit/discovery/rework.hpp"

#include <algorithm>
#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/discovery/detail_columns.hpp"

namespace journeykit::discovery {
namespace {

constexpr std::size_t kCasesBetweenChecks = 1024;

struct Repeats {
  std::int64_t events = 0, cases = 0, repeating_cases = 0, self_loops = 0, returns = 0;
};

struct Counted {
  std::vector<Repeats> touchpoints;  // only those met are not zero
  std::vector<std::uint32_t> met;    // their codes
  std::int64_t repeating_cases = 0;
};

class Counter {  // its arrays are as long as the touchpoints, but cleared only where they were used
 public:
  explicit Counter(const events::EventLog& log)
      : touchpoints_(log.touchpoints()),
        offsets_(log.case_offsets()),
        in_case_(log.touchpoint_names().size(), 0),
        totals_(log.touchpoint_names().size()) {}

  Counted count(std::span<const std::uint32_t> cases, const base::Cancellation& cancellation) {
    Counted out;
    for (std::size_t k = 0; k < cases.size(); ++k) {
      if (k % kCasesBetweenChecks == 0) cancellation.check();
      const std::size_t begin = offsets_[cases[k]], end = offsets_[cases[k] + 1];
      bool repeats = false;
      for (std::size_t e = begin; e < end; ++e) {
        const std::uint32_t here = touchpoints_[e];
        Repeats& total = totals_[here];
        if (total.events++ == 0) out.met.push_back(here);
        const std::uint32_t before = in_case_[here]++;
        if (before == 0) {
          ++total.cases;
          continue;
        }
        repeats = true;
        total.repeating_cases += before == 1 ? 1 : 0;
        ++(touchpoints_[e - 1] == here ? total.self_loops : total.returns);
      }
      out.repeating_cases += repeats ? 1 : 0;
      for (std::size_t e = begin; e < end; ++e) in_case_[touchpoints_[e]] = 0;
    }
    for (const std::uint32_t t : out.met) {
      out.touchpoints.push_back(totals_[t]);
      totals_[t] = {};
    }
    return out;
  }

 private:
  std::span<const std::uint32_t> touchpoints_;
  std::span<const std::uint64_t> offsets_;
  std::vector<std::uint32_t> in_case_;
  std::vector<Repeats> totals_;
};

}  // namespace

Rework rework(const events::EventLog& log, const Segments& segments, const base::Cancellation& cancellation) {
  std::vector<std::uint32_t> segment;
  base::Category touchpoint = touchpoint_column(log);
  base::Integers events, cases, repeating, repeats, self_loops, returns;
  base::Integers all_cases, all_repeating, all_repeats;
  base::Reals share, all_share;
  Counter counter(log);
  for (std::uint32_t s = 0; s < segments.count; ++s) {
    const Counted counted = counter.count(segments.cases_of(s), cancellation);
    std::vector<std::size_t> order(counted.met.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const Repeats& x = counted.touchpoints[a];
      const Repeats& y = counted.touchpoints[b];
      if (x.repeating_cases != y.repeating_cases) return x.repeating_cases > y.repeating_cases;
      if (x.self_loops + x.returns != y.self_loops + y.returns)
        return x.self_loops + x.returns > y.self_loops + y.returns;
      return counted.met[a] < counted.met[b];
    });
    std::int64_t sum = 0;
    for (const std::size_t k : order) {
      const Repeats& counts = counted.touchpoints[k];
      segment.push_back(s);
      touchpoint.codes.push_back(counted.met[k]);
      events.values.push_back(counts.events);
      cases.values.push_back(counts.cases);
      repeating.values.push_back(counts.repeating_cases);
      share.values.push_back(share_of(counts.repeating_cases, counts.cases));
      repeats.values.push_back(counts.self_loops + counts.returns);
      self_loops.values.push_back(counts.self_loops);
      returns.values.push_back(counts.returns);
      sum += counts.self_loops + counts.returns;
    }
    const auto n = static_cast<std::int64_t>(segments.cases_of(s).size());
    all_cases.values.push_back(n);
    all_repeating.values.push_back(counted.repeating_cases);
    all_share.values.push_back(share_of(counted.repeating_cases, n));
    all_repeats.values.push_back(sum);
  }
  Rework out;
  out.touchpoints.add("touchpoint", std::move(touchpoint));
  out.touchpoints.add("events", std::move(events));
  out.touchpoints.add("cases", std::move(cases));
  out.touchpoints.add("repeating_cases", std::move(repeating));
  out.touchpoints.add("repeating_share", std::move(share));
  out.touchpoints.add("repeats", std::move(repeats));
  out.touchpoints.add("self_loops", std::move(self_loops));
  out.touchpoints.add("returns", std::move(returns));
  out.all.add("cases", std::move(all_cases));
  out.all.add("repeating_cases", std::move(all_repeating));
  out.all.add("repeating_share", std::move(all_share));
  out.all.add("repeats", std::move(all_repeats));
  std::vector<std::uint32_t> each(segments.count);
  std::iota(each.begin(), each.end(), 0U);
  return {with_keys(segments, segment, std::move(out.touchpoints)), with_keys(segments, each, std::move(out.all))};
}

base::Table step_matrix(const events::EventLog& log, const Segments& segments, std::int64_t steps, bool counts,
                        const base::Cancellation& cancellation) {
  constexpr std::int64_t most_steps = 1000;
  constexpr std::uint32_t not_met = 0xFFFFFFFF;
  if (steps < 1 || steps > most_steps) {
    throw base::InvalidInput("steps is " + std::to_string(steps) + "; expected 1 to 1000");
  }
  const auto width = static_cast<std::size_t>(steps);
  const auto touchpoints = log.touchpoints();
  const auto offsets = log.case_offsets();
  std::vector<std::uint32_t> segment, row_of(log.touchpoint_names().size(), not_met);
  base::Category touchpoint = touchpoint_column(log);
  std::vector<std::vector<double>> columns(width);
  for (std::uint32_t s = 0; s < segments.count; ++s) {
    const auto cases = segments.cases_of(s);
    std::vector<std::uint32_t> met;
    std::vector<std::int64_t> cells;  // met touchpoints x steps
    std::vector<std::int64_t> ended(width, 0);
    for (std::size_t k = 0; k < cases.size(); ++k) {
      if (k % kCasesBetweenChecks == 0) cancellation.check();
      const std::size_t begin = offsets[cases[k]], length = offsets[cases[k] + 1] - begin;
      for (std::size_t step = 0; step < width; ++step) {
        if (step >= length) {
          ++ended[step];
          continue;
        }
        std::uint32_t& row = row_of[touchpoints[begin + step]];
        if (row == not_met) {
          row = static_cast<std::uint32_t>(met.size());
          met.push_back(touchpoints[begin + step]);
          cells.resize(met.size() * width, 0);
        }
        ++cells[row * width + step];
      }
    }
    const auto sum_of = [&](std::uint32_t t) {
      const auto from = cells.begin() + static_cast<std::ptrdiff_t>(row_of[t] * width);
      return std::accumulate(from, from + steps, std::int64_t{0});
    };
    std::vector<std::pair<std::int64_t, std::uint32_t>> order;  // negative sum, then code: names in byte order
    for (const std::uint32_t t : met) order.emplace_back(-sum_of(t), t);
    std::ranges::sort(order);
    const auto value = [&](std::int64_t count) {
      return counts ? static_cast<double>(count) : share_of(count, static_cast<std::int64_t>(cases.size()));
    };
    for (const auto& [sum, t] : order) {
      segment.push_back(s);
      touchpoint.codes.push_back(t);
      for (std::size_t step = 0; step < width; ++step) columns[step].push_back(value(cells[row_of[t] * width + step]));
    }
    segment.push_back(s);
    touchpoint.codes.push_back(base::kMissingCode);
    for (std::size_t step = 0; step < width; ++step) columns[step].push_back(value(ended[step]));
    for (const std::uint32_t t : met) row_of[t] = not_met;
  }
  base::Table out;
  out.add("touchpoint", std::move(touchpoint));
  for (std::size_t step = 0; step < width; ++step) {
    const std::string name = "step_" + std::to_string(step + 1);
    if (counts) {
      out.add(name, base::Integers{std::vector<std::int64_t>(columns[step].begin(), columns[step].end())});
    } else {
      out.add(name, base::Reals{std::move(columns[step])});
    }
  }
  return with_keys(segments, segment, std::move(out));
}

}  // namespace journeykit::discovery
