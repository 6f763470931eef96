// Attribution whose bootstrap draws whole customers: which customer each path is of, and the loop over the replicates,
// each of which asks the room as any caller does (docs/adr/0009).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <tuple>
#include <unordered_map>

#include "journeykit/attribution/attribute.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/base/parallel.hpp"
#include "journeykit/events/clusters.hpp"
#include "journeykit/markov/replicates.hpp"

namespace journeykit::bindings {

using attribution::Attribution;
using attribution::AttributionOptions;
using attribution::ChannelCredit;
using attribution::Paths;

// Paths of a log with the case that each is of.
struct PathsOfCases {
  Paths paths;
  std::vector<std::size_t> cases;
};

inline PathsOfCases paths_of_cases(const events::EventLog& log, const std::string& metric,
                                   const base::Cancellation& cancellation) {
  // The values of a completed case are added up, so that its number, given as the value of its first event, comes back
  // with its path. The others all have a path; completed cases without a touchpoint have none.
  const auto offsets = log.case_offsets();
  std::vector<double> numbers(offsets.back(), 0);
  for (std::size_t c = 0; c < log.case_count(); ++c) numbers[offsets[c]] = static_cast<double>(c);
  PathsOfCases out{attribution::paths_of_log(log, numbers, cancellation).paths, {}};
  const auto status = events::case_status(log);
  for (std::size_t c = 0; c < status.size() && out.cases.size() < out.paths.size(); ++c) {
    if (status[c] == events::CaseStatus::Open) continue;
    const std::size_t p = out.cases.size();
    const bool completed = status[c] == events::CaseStatus::Completed;
    if (completed && !(out.paths.conversions[p] > 0 && out.paths.values[p] == static_cast<double>(c))) continue;
    out.cases.push_back(c);
  }
  out.paths.values.clear();
  if (!metric.empty()) {
    out.paths.values = attribution::paths_of_log(log, log.metric_values(metric), cancellation).paths.values;
  }
  return out;
}

// Distinct paths, and what each group of customers adds to them: by path, then group.
struct PathsOfGroups {
  struct Entry {
    std::uint32_t path, group;
    double conversions, nulls, value;
  };
  Paths paths;
  std::vector<Entry> entries;

  PathsOfGroups(const Paths& given, std::span<const std::uint32_t> group_of_path,
                const base::Cancellation& cancellation)
      : paths(attribution::distinct(given, cancellation)) {
    const auto key_of = [](const Paths& all, std::size_t p) {
      const std::size_t begin = all.offsets[p], size = all.offsets[p + 1] - begin;
      std::string key(reinterpret_cast<const char*>(all.steps.data() + begin), size * sizeof(std::uint32_t));
      if (!all.ages.empty()) {
        key.append(reinterpret_cast<const char*>(all.ages.data() + begin), size * sizeof(double));
      }
      return key;
    };
    std::unordered_map<std::string, std::uint32_t> number;
    for (std::uint32_t p = 0; p < paths.size(); ++p) number.emplace(key_of(paths, p), p);
    for (std::size_t p = 0; p < given.size(); ++p) {
      if (p % 4096 == 0) cancellation.check();
      if (given.conversions[p] + given.nulls[p] > 0) {
        entries.push_back({number.at(key_of(given, p)), group_of_path[p], given.conversions[p], given.nulls[p],
                           given.values.empty() ? 0 : given.values[p]});
      }
    }
    // in order of size where path and group are the same: sums do not depend on the order of rows
    std::ranges::sort(entries, {},
                      [](const Entry& e) { return std::tuple(e.path, e.group, e.conversions, e.nulls, e.value); });
  }

  // The weights of the paths when group g is there times[g] times.
  void weigh(const std::vector<double>& times, Paths& out) const {
    std::ranges::fill(out.conversions, 0.0);
    std::ranges::fill(out.nulls, 0.0);
    std::ranges::fill(out.values, 0.0);
    for (const Entry& e : entries) {
      out.conversions[e.path] += times[e.group] * e.conversions;
      out.nulls[e.path] += times[e.group] * e.nulls;
      if (!out.values.empty()) out.values[e.path] += times[e.group] * e.value;
    }
  }
};

// The numbers of one channel in every replicate; NaN where nobody converted.
struct ChannelDraws {
  std::vector<double> removal_effect, conversions, value, share;
  std::vector<std::uint8_t> in_top;
};

// As in attribute(): fewer where each replicate has a system to solve, none where it has too many.
inline std::int64_t customer_replicates(const AttributionOptions& options, std::size_t channels) {
  using attribution::ModelKind;
  constexpr std::int64_t fewest = 100, most = 1'000'000;
  const std::int64_t asked = options.replicates.value_or(fewest);
  if (asked != 0 && (asked < fewest || asked > most)) {
    throw base::InvalidInput("replicates is " + std::to_string(asked) +
                             "; expected 0 (no intervals) or 100 to 1,000,000");
  }
  if (options.replicates) return asked;
  const bool game = options.model == ModelKind::Shapley && options.worth != attribution::Worth::Conversions;
  if (game && channels > 12) return 0;
  return game || (options.model == ModelKind::Markov && options.order > 1) ? 200 : 1000;
}

// Gives `found`, the attribution of `paths` without intervals, those of customers drawn again, whole groups of them.
inline void draw_customers(Attribution& found, const Paths& paths, std::span<const std::uint32_t> group_of_path,
                           std::size_t groups, const AttributionOptions& options,
                           const base::Cancellation& cancellation) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  const std::size_t channels = found.channels.size();
  const auto replicates = static_cast<std::size_t>(customer_replicates(options, channels));
  if (replicates == 0) return;
  if (groups < 2) {  // whoever is drawn, it is the same one
    found.method += "; no intervals of a single customer";
    return;
  }
  const PathsOfGroups of_groups(paths, group_of_path, cancellation);
  const events::Draws draws = events::draw_groups(groups, replicates, options.seed, options.threads, cancellation);
  AttributionOptions once = options;
  once.replicates = 0;
  once.threads = 1;
  std::unordered_map<std::string, std::size_t> place;
  for (std::size_t c = 0; c < channels; ++c) place.emplace(found.channels[c].channel, c);
  const std::vector<double> nothing(replicates, unknown);
  std::vector<ChannelDraws> all(channels, {nothing, nothing, nothing, nothing, std::vector<std::uint8_t>(replicates)});
  base::parallel_for(replicates, 4, options.threads, cancellation, [&](std::size_t begin, std::size_t end) {
    Paths mine = of_groups.paths;
    std::vector<double> times(groups);
    for (std::size_t r = begin; r < end; ++r) {
      cancellation.check();
      for (std::size_t g = 0; g < groups; ++g) times[g] = static_cast<double>(draws.times[g * replicates + r]);
      of_groups.weigh(times, mine);
      if (std::ranges::none_of(mine.conversions, [](double x) { return x > 0; })) continue;
      const Attribution again = attribution::attribute(mine, once, cancellation);  // most conversions first
      const double last_in = again.channels[std::min(options.top, channels) - 1].conversions.value;
      for (const ChannelCredit& credit : again.channels) {
        ChannelDraws& own = all[place.at(credit.channel)];
        const double effect = credit.removal_effect.value;
        own.removal_effect[r] = std::isnan(effect) ? 0 : effect;
        own.conversions[r] = credit.conversions.value;
        own.value[r] = credit.value.value;
        own.share[r] = credit.share.value;
        own.in_top[r] = credit.conversions.value > 0 && credit.conversions.value >= last_in ? 1 : 0;
      }
    }
  });
  const auto bound = [&](attribution::Estimate& estimate, std::vector<double>& drawn) {
    std::erase_if(drawn, [](double x) { return std::isnan(x); });
    if (std::isnan(estimate.value) || static_cast<double>(drawn.size()) < 0.9 * static_cast<double>(replicates)) return;
    std::ranges::sort(drawn);
    estimate.low = markov::percentile(drawn, (1 - options.confidence) / 2);
    estimate.high = markov::percentile(drawn, (1 + options.confidence) / 2);
  };
  for (std::size_t c = 0; c < channels; ++c) {
    ChannelCredit& credit = found.channels[c];
    const auto known = std::ranges::count_if(all[c].share, [](double x) { return !std::isnan(x); });
    const auto top = std::ranges::count(all[c].in_top, 1);
    credit.top_probability = known > 0 ? static_cast<double>(top) / static_cast<double>(known) : unknown;
    if (!(credit.n > 0)) continue;
    bound(credit.removal_effect, all[c].removal_effect);
    bound(credit.conversions, all[c].conversions);
    bound(credit.value, all[c].value);
    bound(credit.share, all[c].share);
  }
  std::string count = std::to_string(replicates);
  for (std::size_t at = count.size(); at > 3;) count.insert(at -= 3, ",");
  found.method += "; bootstrap of customers, " + count + " replicates";
}

// Group of each of some cases.
inline std::vector<std::uint32_t> groups_of(const events::CustomerGroups& groups,
                                            const std::vector<std::size_t>& cases) {
  std::vector<std::uint32_t> of_case(groups.of_case.size()), out;
  for (std::uint32_t g = 0; g < groups.count; ++g) {
    for (const std::uint32_t c : groups.cases_of(g)) of_case[c] = g;
  }
  for (const std::size_t c : cases) out.push_back(of_case[c]);
  return out;
}

}  // namespace journeykit::bindings
