#include "journeykit/scoring/slices.hpp"

#include <algorithm>
#include <cmath>

#include "journeykit/base/error.hpp"
#include "journeykit/metrics/quantile.hpp"
#include "journeykit/scoring/contrast.hpp"

namespace journeykit::scoring {
namespace {

using base::kMissingCode;
using events::CaseStatus;
using events::EventLog;

constexpr std::size_t kMostWindows = 400;
constexpr double kFalseAlarmShare = 0.05;

// A closed case at a touchpoint, at its first visit.
struct Visit {
  std::uint32_t case_index = 0, window = 0;
};

struct Dimension {
  std::string column;
  std::vector<std::string> values;
  std::vector<std::uint32_t> of_case;
};

struct Scan {
  const EventLog& log;
  const SliceOptions& options;
  std::int64_t first_ns = 0;
  std::size_t windows = 1;
  std::vector<Dimension> dimensions;               // the first is everybody
  std::vector<std::vector<Visit>> visits;          // per touchpoint
  std::vector<std::uint8_t> completed, set_aside;  // per case
};

struct Candidate {
  double likelihood_ratio = 0;
  std::size_t touchpoint = 0, dimension = 0, value = 0, first = 0, last = 0;
};

std::uint32_t window_of(const Scan& scan, std::int64_t time) {
  return static_cast<std::uint32_t>((time - scan.first_ns) / scan.options.window_ns);
}

Dimension dimension_of(const EventLog& log, const std::string& column) {
  const auto category = base::text_of(*log.table().at(column).values);
  if (!category)
    throw base::InvalidInput(
        "column " + base::quote_safe(column) +
        " holds decimal numbers or times; slices need text or whole numbers: cut it into classes first");
  Dimension out{column, category->dictionary->values, std::vector<std::uint32_t>(log.case_count(), kMissingCode)};
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    for (auto k = log.case_offsets()[c]; k < log.case_offsets()[c + 1] && out.of_case[c] == kMissingCode; ++k)
      out.of_case[c] = category->codes[k];
  }
  return out;
}

Scan prepare(const EventLog& log, const SliceOptions& options) {
  if (log.options().endings.completed.empty()) {
    throw base::InvalidInput(
        "the log does not say what completes a case; name it: read_events(…, completed=[…]) or "
        "log.with_endings(completed=[…])");
  }
  if (options.window_ns <= 0)
    throw base::InvalidInput("window is " + std::to_string(options.window_ns) + " ns; expected a length above 0");
  Scan scan{log, options, 0, 1, {}, {}, {}, std::vector<std::uint8_t>(log.case_count(), 0)};
  const auto times = log.times();
  if (!times.empty()) {
    const auto [first, last] = std::ranges::minmax(times);
    scan.first_ns = first;
    scan.windows = static_cast<std::size_t>((last - first) / options.window_ns) + 1;
  }
  if (scan.windows > kMostWindows) {
    throw base::InvalidInput("the log spans " + std::to_string(scan.windows) + " windows; at most " +
                             std::to_string(kMostWindows) + " are scanned: choose a longer window");
  }
  scan.dimensions.push_back({"", {""}, std::vector<std::uint32_t>(log.case_count(), 0)});
  for (const std::string& column : options.by) scan.dimensions.push_back(dimension_of(log, column));
  scan.visits.resize(log.touchpoint_names().size());
  const auto status = events::case_status(log);
  std::vector<std::size_t> last_case(scan.visits.size(), log.case_count());
  for (std::uint32_t c = 0; c < log.case_count(); ++c) {
    scan.completed.push_back(status[c] == CaseStatus::Completed ? 1 : 0);
    // Of cases that began late only those that completed quickly are closed: comparing them would flatter the last
    // weeks.
    const bool young = scan.log.observed_until_ns() - times[log.case_offsets()[c]] < log.idle_limit_ns();
    if (young || status[c] == CaseStatus::Open) continue;
    for (auto k = log.case_offsets()[c]; k < log.case_offsets()[c + 1]; ++k) {
      const std::uint32_t touchpoint = log.touchpoints()[k];
      if (last_case[touchpoint] == c) continue;
      last_case[touchpoint] = c;
      scan.visits[touchpoint].push_back({c, window_of(scan, times[k])});
    }
  }
  return scan;
}

double entropy_term(double good, double n) {
  const auto part = [n](double x) { return x > 0 ? x * std::log(x / n) : 0; };
  return part(good) + part(n - good);
}

// Scans one touchpoint; counts the slices that were large enough to be looked at.
void scan_touchpoint(const Scan& scan, std::size_t touchpoint, Candidate& best, std::int64_t& scanned) {
  double all = 0, all_good = 0;
  for (const Visit& visit : scan.visits[touchpoint]) {
    if (scan.set_aside[visit.case_index] != 0) continue;
    all += 1;
    all_good += scan.completed[visit.case_index];
  }
  const double nothing_special = entropy_term(all_good, all);
  for (std::size_t d = 0; d < scan.dimensions.size(); ++d) {
    const Dimension& dimension = scan.dimensions[d];
    std::vector<double> n(dimension.values.size() * scan.windows, 0), good(n.size(), 0);
    for (const Visit& visit : scan.visits[touchpoint]) {
      const std::uint32_t value = dimension.of_case[visit.case_index];
      if (value == kMissingCode || scan.set_aside[visit.case_index] != 0) continue;
      n[value * scan.windows + visit.window] += 1;
      good[value * scan.windows + visit.window] += scan.completed[visit.case_index];
    }
    for (std::size_t value = 0; value < dimension.values.size(); ++value) {
      for (std::size_t first = 0; first < scan.windows; ++first) {
        double inside = 0, inside_good = 0;
        for (std::size_t last = first; last < scan.windows; ++last) {
          inside += n[value * scan.windows + last];
          inside_good += good[value * scan.windows + last];
          const double outside = all - inside;
          if (inside < static_cast<double>(scan.options.minimum_n) ||
              outside < static_cast<double>(scan.options.minimum_n))
            continue;
          ++scanned;
          if (inside_good * outside >= (all_good - inside_good) * inside) continue;  // not lower inside
          const double ratio =
              entropy_term(inside_good, inside) + entropy_term(all_good - inside_good, outside) - nothing_special;
          if (ratio > best.likelihood_ratio * (1 + 1e-12)) best = {ratio, touchpoint, d, value, first, last};
        }
      }
    }
  }
}

bool inside(const Scan& scan, const Candidate& candidate, const Visit& visit) {
  return scan.dimensions[candidate.dimension].of_case[visit.case_index] == candidate.value &&
         visit.window >= candidate.first && visit.window <= candidate.last;
}

Slice describe(const Scan& scan, const events::Customers& customers, const Candidate& candidate, std::int64_t scanned) {
  std::vector<std::uint32_t> cases;
  std::vector<std::uint8_t> exposed;
  for (const Visit& visit : scan.visits[candidate.touchpoint]) {
    if (scan.set_aside[visit.case_index] != 0) continue;
    cases.push_back(visit.case_index);
    exposed.push_back(inside(scan, candidate, visit) ? 1 : 0);
  }
  const Contrast contrast = compare(customers, cases, exposed, scan.completed, scan.options.confidence);
  Slice out;
  out.touchpoint = scan.log.touchpoint_names()[candidate.touchpoint];
  out.column = scan.dimensions[candidate.dimension].column;
  out.value = scan.dimensions[candidate.dimension].values[candidate.value];
  out.from_ns = scan.first_ns + static_cast<std::int64_t>(candidate.first) * scan.options.window_ns;
  out.until_ns = scan.first_ns + static_cast<std::int64_t>(candidate.last + 1) * scan.options.window_ns;
  out.whole_time = candidate.first == 0 && candidate.last + 1 == scan.windows;
  out.cases = contrast.exposed;
  out.customers = contrast.customers;
  out.completed_share = contrast.exposed_share;
  out.others_completed_share = contrast.other_share;
  const auto n = static_cast<double>(contrast.exposed);
  out.lost_completions = n * contrast.difference;
  out.low = n * contrast.low;
  out.high = n * contrast.high;
  // The clustered test leans on the normal curve, which is wrong far out in the tail of a small slice: the exact
  // binomial tail at the share of all cases together must be as small.
  const double inside_good = std::round(contrast.exposed_share * n);
  const double all_good = inside_good + contrast.other_share * static_cast<double>(contrast.others);
  const double exact = metrics::binomial_at_most(static_cast<std::int64_t>(inside_good), contrast.exposed,
                                                 all_good / static_cast<double>(contrast.exposed + contrast.others));
  out.p = std::max(contrast.p, exact);
  out.adjusted_p = std::min(1.0, out.p * static_cast<double>(scanned));
  return out;
}

// Every case of the slice's value that was anywhere in the journey during its windows.
void set_aside(Scan& scan, const Candidate& candidate) {
  for (const auto& visits : scan.visits) {
    for (const Visit& visit : visits) {
      if (inside(scan, candidate, visit)) scan.set_aside[visit.case_index] = 1;
    }
  }
}

}  // namespace

std::vector<Slice> find_failing_slices(const EventLog& log, const SliceOptions& options,
                                       const base::Cancellation& cancellation) {
  Scan scan = prepare(log, options);
  const events::Customers customers = events::customers(log);
  std::vector<Slice> out;
  while (out.size() < options.most) {
    Candidate best;
    std::int64_t scanned = 0;
    for (std::size_t touchpoint = 0; touchpoint < scan.visits.size(); ++touchpoint) {
      cancellation.check();
      scan_touchpoint(scan, touchpoint, best, scanned);
    }
    if (best.likelihood_ratio <= 0) break;
    Slice slice = describe(scan, customers, best, scanned);
    if (!(slice.adjusted_p <= kFalseAlarmShare)) break;
    out.push_back(std::move(slice));
    set_aside(scan, best);
  }
  return out;
}

}  // namespace journeykit::scoring
