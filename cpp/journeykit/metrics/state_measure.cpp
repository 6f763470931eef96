#include <algorithm>
#include <cmath>

#include "journeykit/base/error.hpp"
#include "journeykit/metrics/detail_measure.hpp"
#include "journeykit/metrics/state.hpp"

namespace journeykit::metrics {
namespace {

using events::CaseStatus;

struct Asked {
  const ScoreState& state;
  const std::string& name;
  double confidence;
};
using Rows = std::vector<std::pair<std::string, Estimate>>;

events::Metric metric_of(const Scale& scale) {
  return {scale.metric, {}, scale.kind, scale.low, scale.high, scale.high_is_good};
}

std::size_t scale_named(const ScoreState& state, const std::string& metric) {
  std::vector<std::string> names;
  for (const Scale& scale : state.options.scales) names.push_back(scale.metric);
  const auto at = std::ranges::find(names, metric);
  if (at == names.end()) throw base::NotFound(base::not_found_message("metric", metric, "the state", names));
  return static_cast<std::size_t>(at - names.begin());
}

// Of a share, a score or a mean whose value of point p is code[p]; every case is one customer.
Moments coded_moments(const AnswerTally& tally, const std::vector<double>& code, bool once) {
  Moments out;
  const std::vector<std::int64_t>& counts = once ? tally.last : tally.counts;
  const std::size_t points = code.size();
  for (std::size_t p = 0; p < points; ++p) {
    const auto count = static_cast<double>(counts[p]);
    out.n += count;
    out.value += code[p] * count;
    out.scale += code[p] * code[p] * count;
  }
  out.weight = out.n;
  if (!(out.n > 0)) return out;
  const double ratio = out.value / out.n;
  for (std::size_t p = 0; p < points; ++p) {
    out.independent += (code[p] - ratio) * (code[p] - ratio) * static_cast<double>(counts[p]);
  }
  out.customers = static_cast<double>(tally.cases);
  if (once) {
    out.squared_sizes = out.n;
    out.largest_size = 1;
    out.between = out.independent;
    return out;
  }
  out.squared_sizes = static_cast<double>(tally.squared);
  out.largest_size = static_cast<double>(tally.most);
  std::size_t at = 0;
  for (std::size_t p = 0; p < points; ++p) {
    for (std::size_t q = p; q < points; ++q) {
      const double both = (code[p] - ratio) * (code[q] - ratio) * static_cast<double>(tally.products[at++]);
      out.between += p == q ? both : 2 * both;
    }
  }
  out.between = std::max(0.0, out.between);
  return out;
}

// Σ (value - ratio · weight)² = square - 2 ratio · mixed + ratio² · weights.
double spread(const ExactSum& square, const ExactSum& mixed, std::int64_t weights, double ratio) {
  const TwoDoubles twice = product({-2 * ratio, 0}, mixed.value());
  const TwoDoubles squared = product(product({ratio, 0}, {ratio, 0}), exactly(weights));
  return std::max(0.0, sum(sum(square.value(), twice), squared).high);
}

Moments number_moments(const AnswerTally& tally) {
  Moments out;
  out.n = out.weight = static_cast<double>(tally.answers);
  out.customers = static_cast<double>(tally.cases);
  out.squared_sizes = static_cast<double>(tally.squared);
  out.largest_size = static_cast<double>(tally.most);
  if (tally.answers == 0) return out;
  out.value = tally.x.value().high;
  out.scale = tally.xx.value().high;
  const double ratio = out.value / out.n;
  out.independent = spread(tally.xx, tally.x, tally.answers, ratio);
  out.between = spread(tally.vv, tally.vm, tally.squared, ratio);
  return out;
}

Rows score_rows(const Asked& asked, const GroupTally& group, std::size_t s, const Score& what) {
  const events::Metric metric = metric_of(asked.state.options.scales[s]);
  const AnswerTally& tally = group.answers[s];
  const double confidence = asked.confidence;
  Rows rows;
  if (metric.kind == events::MetricKind::Number) {
    rows.emplace_back(asked.name, mean_from(number_moments(tally), confidence));
  } else {
    std::vector<double> code;
    const auto points = static_cast<std::int64_t>(tally.counts.size());
    const auto low = static_cast<std::int64_t>(metric.low);
    if (what.number == ScoreNumber::Distribution) {
      for (std::int64_t p = 0; p < points; ++p) {
        code.assign(tally.counts.size(), 0);
        code[static_cast<std::size_t>(p)] = 1;
        rows.emplace_back(asked.name + "=" + std::to_string(low + p),
                          share_from(coded_moments(tally, code, what.once_per_case), confidence));
      }
    } else {
      double promoters = 0;
      double detractors = 0;
      const auto& counts = what.once_per_case ? tally.last : tally.counts;
      for (std::int64_t p = 0; p < points; ++p) {
        code.push_back(coded_answer(metric, what.number, what.top, static_cast<double>(low + p)));
        const auto count = static_cast<double>(counts[static_cast<std::size_t>(p)]);
        promoters += code.back() > 0 ? count : 0;
        detractors += code.back() < 0 ? count : 0;
      }
      const Moments seen = coded_moments(tally, code, what.once_per_case);
      Estimate estimate;
      if (what.number == ScoreNumber::Nps) {
        estimate = nps_from(seen, promoters, detractors, confidence);
      } else if (what.number == ScoreNumber::Mean) {
        estimate = mean_from(seen, confidence);
        clip(estimate, metric.low, metric.high);
      } else {
        estimate = share_from(seen, confidence);
      }
      rows.emplace_back(asked.name, std::move(estimate));
    }
  }
  const LogAnswers& quality = asked.state.quality[s];
  const bool repeated = !what.once_per_case && mostly_equal(quality.several, quality.equal);
  for (auto& [name, estimate] : rows) {
    warn_of_answers(estimate, {tally.cases, group.cases, repeated, quality.off_scale});
  }
  return rows;
}

Rows share_rows(const Asked& asked, const GroupTally& group, const CaseShare& what) {
  const auto of = [&](CaseStatus status) { return group.status[static_cast<std::size_t>(status)]; };
  const std::int64_t open = of(CaseStatus::Open);
  const auto closed = static_cast<double>(group.cases - open);
  const std::int64_t hits = what.outcome == CaseOutcome::Completion ? of(CaseStatus::Completed)
                            : what.outcome == CaseOutcome::DropOff  ? group.dropped
                                                                    : of(CaseStatus::Abandoned);
  Moments seen;
  seen.n = seen.customers = seen.weight = seen.squared_sizes = closed;
  seen.value = seen.scale = static_cast<double>(hits);
  seen.largest_size = closed > 0 ? 1 : 0;
  const double ratio = closed > 0 ? seen.value / closed : 0;
  seen.independent = seen.between = seen.value * (1 - ratio) * (1 - ratio) + (closed - seen.value) * ratio * ratio;
  Estimate estimate = share_from(seen, asked.confidence);
  warn_of_open(estimate, open);
  return {{asked.name, std::move(estimate)}};
}

}  // namespace

base::Table measure(const ScoreState& state, const Measure& what, const std::string& name, bool by_touchpoint,
                    double confidence, std::int64_t minimum_n) {
  check_confidence(confidence);
  const auto* score = std::get_if<Score>(&what);
  const auto* share = std::get_if<CaseShare>(&what);
  if (score == nullptr && share == nullptr) {
    throw base::Unsupported(name +
                            " cannot be measured from the state of a log, which has answers and how cases end; measure "
                            "it on a log in memory");
  }
  Measurement out{{}, "share", {}};
  std::size_t s = 0;
  if (score != nullptr) {
    s = scale_named(state, score->metric);
    const events::Metric metric = metric_of(state.options.scales[s]);
    check_number(metric, score->number, score->top);
    out.unit = unit_of(metric, score->number);
    if (score->once_per_case && metric.kind == events::MetricKind::Number) {
      throw base::Unsupported(name + ": once_per_case is not counted for plain numbers in the state of a log");
    }
  } else {
    if (!state.options.status) {
      throw base::InvalidInput(name +
                               " needs to know how cases end: make the state with idle= and observed_until=, which "
                               "parts of a log cannot know by themselves");
    }
    if (share->outcome != CaseOutcome::SilentExit && state.options.status->completed.empty()) {
      throw base::InvalidInput(needs_completed(name));
    }
  }
  const Asked asked{state, name, confidence};
  std::vector<const GroupTally*> groups;
  if (by_touchpoint) {
    base::Category names;
    auto dictionary = std::make_shared<base::Dictionary>();
    for (const GroupTally& group : state.touchpoints) {
      names.codes.push_back(static_cast<std::uint32_t>(groups.size()));
      dictionary->values.push_back(group.touchpoint);
      groups.push_back(&group);
    }
    names.dictionary = std::move(dictionary);
    out.groups.keys.add("touchpoint", std::move(names));
  } else {
    groups.push_back(&state.all);
  }
  out.groups.count = static_cast<std::uint32_t>(groups.size());
  for (std::uint32_t g = 0; g < out.groups.count; ++g) {
    for (auto& [metric, estimate] :
         score != nullptr ? score_rows(asked, *groups[g], s, *score) : share_rows(asked, *groups[g], *share)) {
      warn_of_few(estimate, minimum_n);
      out.rows.push_back({g, metric, std::move(estimate)});
    }
  }
  MeasureOptions options;
  options.minimum_n = minimum_n;
  return measurement_table(out, options);
}

}  // namespace journeykit::metrics
