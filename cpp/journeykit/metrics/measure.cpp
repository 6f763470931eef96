#include "journeykit/metrics/measure.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "journeykit/base/error.hpp"
#include "journeykit/metrics/detail_measure.hpp"
#include "journeykit/metrics/estimate_columns.hpp"

namespace journeykit::metrics {
namespace {

struct Dispatch {
  const Work& work;
  Measurement operator()(const Score& what) const { return measure_score(work, what); }
  Measurement operator()(const Fcr& what) const { return measure_contacts(work, what); }
  Measurement operator()(const RepeatContacts& what) const { return measure_contacts(work, what); }
  Measurement operator()(const ContactRate& what) const { return measure_contacts(work, what); }
  Measurement operator()(const ServiceLevel& what) const { return measure_waits(work, what); }
  Measurement operator()(const Abandonment& what) const { return measure_waits(work, what); }
  Measurement operator()(const ResponseTime& what) const { return measure_waits(work, what); }
  Measurement operator()(const ResolutionTime& what) const { return measure_cases(work, what); }
  Measurement operator()(const CaseShare& what) const { return measure_cases(work, what); }
  Measurement operator()(const Transfers& what) const { return measure_cases(work, what); }
};

}  // namespace

Groups chosen_groups(const Work& work, WindowOf window) {
  return group_events(work.log, work.options.by, window, touchpoint_mask(work.log, work.options.touchpoints),
                      work.cancellation);
}

Estimate estimate_time(std::span<const Spell> spells, const TimeNumber& number, double confidence) {
  return number.mean ? estimate_mean_time(spells, confidence) : estimate_quantile(spells, number.quantile, confidence);
}

std::string counted(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string percent_of(std::int64_t part, std::int64_t whole, const std::string& of_what) {
  const double percent = 100 * static_cast<double>(part) / static_cast<double>(whole);
  const std::string number = percent > 0 && percent < 1 ? "fewer than 1" : std::to_string(std::lround(percent));
  return number + " % of the " + of_what;
}

void warn_of_open(Estimate& estimate, std::int64_t open) {
  constexpr std::int64_t tenth = 10;
  const std::int64_t all = open + estimate.n;
  if (open * tenth > all) warn(estimate, percent_of(open, all, "cases") + " are still open and left out");
}

void warn_of_few(Estimate& estimate, std::int64_t minimum_n) {
  if (!std::isnan(estimate.value) && estimate.n < minimum_n) warn(estimate, "only n = " + std::to_string(estimate.n));
}

std::string needs_completed(const std::string& name) {
  return name +
         " needs to know what completes a case: read_events(…, completed=['…']) or log.with_endings(completed=['…'])";
}

Measurement measure(const events::EventLog& log, const Measure& what, const std::string& name,
                    const MeasureOptions& options, const base::Cancellation& cancellation) {
  check_confidence(options.confidence);
  const Work work{log, name, options, cancellation};
  Measurement out = std::visit(Dispatch{work}, what);
  for (Measured& row : out.rows) warn_of_few(row.estimate, options.minimum_n);
  return out;
}

base::Table measurement_table(const Measurement& measurement, const MeasureOptions& options) {
  std::vector<std::uint32_t> groups;
  base::TextColumn metric, unit, evidence;
  EstimateColumns estimates;
  for (const Measured& row : measurement.rows) {
    groups.push_back(row.group);
    metric.add(row.metric);
    unit.add(measurement.unit);
    estimates.add(row.estimate);
    evidence.add(std::isnan(row.estimate.value)       ? ""
                 : row.estimate.n < options.minimum_n ? "partly_observed"
                                                      : "observed");
  }
  base::Table out = base::take(measurement.groups.keys, groups);
  out.rows = groups.size();
  constexpr std::array<std::string_view, 10> results = {"metric", "value",     "unit",   "low",      "high",
                                                        "n",      "customers", "method", "evidence", "warning"};
  for (base::Column& key : out.columns) {
    if (std::ranges::find(results, key.name) != results.end()) key.name = "by_" + key.name;
  }
  out.add("metric", metric.finish());
  estimates.value_to(out);
  out.add("unit", unit.finish());
  estimates.interval_to(out);
  estimates.counts_to(out);
  estimates.method_to(out);
  out.add("evidence", evidence.finish());
  estimates.warning_to(out);
  return out;
}

}  // namespace journeykit::metrics
