#include <algorithm>
#include <cmath>

#include "journeykit/base/error.hpp"
#include "journeykit/metrics/detail_measure.hpp"

namespace journeykit::metrics {
namespace {

using events::Metric;
using events::MetricKind;

struct Answer {
  std::uint32_t customer = 0;
  double value = 0;
};

// The last answer of each case in each group.
void add_once(const Work& work, const Groups& groups, std::span<const double> values, const events::Customers& who,
              PerGroup<Answer>& answers) {
  const auto offsets = work.log.case_offsets();
  for (std::size_t c = 0; c < work.log.case_count(); ++c) {
    std::vector<std::pair<std::uint32_t, double>> last;
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      const std::uint32_t g = groups.of_event[k];
      if (g == base::kMissingCode || std::isnan(values[k])) continue;
      const auto at = std::ranges::find(last, g, &std::pair<std::uint32_t, double>::first);
      if (at == last.end()) {
        last.emplace_back(g, values[k]);
      } else {
        at->second = values[k];
      }
    }
    for (const auto& [g, value] : last) answers.add(g, {who.of_case[c], value});
  }
}

// True when nearly every case with several answers gives the same one each time: then rows repeat the case's answer.
bool repeats_per_case(const events::EventLog& log, std::span<const double> values) {
  const auto offsets = log.case_offsets();
  std::int64_t several = 0;
  std::int64_t equal = 0;
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    std::int64_t answers = 0;
    bool same = true;
    double first = 0;
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      if (std::isnan(values[k])) continue;
      if (answers == 0) first = values[k];
      same = same && values[k] == first;
      ++answers;
    }
    several += answers >= 2 ? 1 : 0;
    equal += answers >= 2 && same ? 1 : 0;
  }
  return mostly_equal(several, equal);
}

std::int64_t out_of_scale(const events::EventLog& log, const std::string& metric) {
  for (const auto& [name, count] : log.quality().out_of_scale) {
    if (name == metric) return count;
  }
  return 0;
}

}  // namespace

void check_number(const Metric& metric, ScoreNumber number, std::int64_t top) {
  const std::string called = "metric " + base::quote_safe(metric.name);
  if (metric.kind == MetricKind::Number && number != ScoreNumber::Mean) {
    throw base::InvalidInput(called + " is a plain number without a scale; only its mean can be measured");
  }
  if (number == ScoreNumber::Nps && (metric.low != 0 || metric.high != 10)) {
    throw base::InvalidInput(called + " has the scale " + std::to_string(std::lround(metric.low)) + " to " +
                             std::to_string(std::lround(metric.high)) +
                             "; the net promoter score is defined on 0 to 10 only: measure it as CSAT instead");
  }
  if (number == ScoreNumber::TopShare && !(top >= 1 && static_cast<double>(top) <= metric.high - metric.low)) {
    throw base::InvalidInput(called + ": top is " + std::to_string(top) + "; expected 1 to " +
                             std::to_string(std::lround(metric.high - metric.low)) + " of the best points");
  }
  constexpr double most_points = 101;
  if (number == ScoreNumber::Distribution && metric.high - metric.low + 1 > most_points) {
    throw base::Unsupported(called + " has more than 101 points; ask for its mean");
  }
}

// What an answer adds to the share: 1 on the good side, and for NPS −1 on the bad side.
double coded_answer(const Metric& metric, ScoreNumber number, std::int64_t top, double answer) {
  switch (number) {
    case ScoreNumber::Nps:
      return answer >= 9 ? 1 : answer <= 6 ? -1 : 0;
    case ScoreNumber::TopShare:
      return (metric.high_is_good ? answer > metric.high - static_cast<double>(top)
                                  : answer < metric.low + static_cast<double>(top))
                 ? 1
                 : 0;
    case ScoreNumber::EasyShare: {
      const double middle = (metric.low + metric.high) / 2;
      return (metric.high_is_good ? answer > middle : answer < middle) ? 1 : 0;
    }
    case ScoreNumber::Mean:
    case ScoreNumber::Distribution:
      break;
  }
  return answer;
}

std::string unit_of(const Metric& metric, ScoreNumber number) {
  if (number == ScoreNumber::Nps) return "points";
  if (number == ScoreNumber::Mean) return metric.kind == MetricKind::Number ? "as recorded" : "scale points";
  return "share";
}

bool mostly_equal(std::int64_t several, std::int64_t equal) {
  constexpr std::int64_t enough = 10;
  return several >= enough && equal * 100 >= several * 95;
}

void warn_of_answers(Estimate& estimate, const AnswerQuality& quality) {
  if (estimate.n > 0 && quality.answered < quality.cases) {
    warn(estimate,
         "answers from " + percent_of(quality.answered, quality.cases, std::to_string(quality.cases) + " cases"));
  }
  if (quality.repeated) warn(estimate, "rows repeat the answer of their case: count each case once (once_per_case)");
  if (quality.off_scale > 0)
    warn(estimate, counted(quality.off_scale, "answer") + " of the log off the scale, left out");
}

Measurement measure_score(const Work& work, const Score& what) {
  const Metric& metric = work.log.metric(what.metric);
  check_number(metric, what.number, what.top);
  const auto values = work.log.metric_values(what.metric);
  const auto who = events::customers(work.log);
  Measurement out{chosen_groups(work, WindowOf::Event), unit_of(metric, what.number), {}};
  const auto& cases = work.log.category(events::Role::Case).codes;

  PerGroup<Answer> answers(out.groups.count);
  if (what.once_per_case) {
    add_once(work, out.groups, values, who, answers);
  } else {
    for (std::size_t k = 0; k < values.size(); ++k) {
      const std::uint32_t g = out.groups.of_event[k];
      if (g != base::kMissingCode && !std::isnan(values[k])) answers.add(g, {who.of_case[cases[k]], values[k]});
    }
  }
  answers.sort();

  std::vector<std::int64_t> cases_of(out.groups.count, 0), answered(out.groups.count, 0);
  const auto offsets = work.log.case_offsets();
  for_each_case_group(work.log, out.groups, [&](std::size_t c, std::uint32_t g) {
    ++cases_of[g];
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      if (out.groups.of_event[k] == g && !std::isnan(values[k])) {
        ++answered[g];
        break;
      }
    }
  });
  const bool repeated = !what.once_per_case && repeats_per_case(work.log, values);
  const std::int64_t outside = out_of_scale(work.log, what.metric);

  std::vector<Observation> observations;
  const auto add_row = [&](std::uint32_t g, const std::string& name, Estimate estimate) {
    warn_of_answers(estimate, {answered[g], cases_of[g], repeated, outside});
    out.rows.push_back({g, name, std::move(estimate)});
  };
  for (std::uint32_t g = 0; g < out.groups.count; ++g) {
    work.cancellation.check();
    const auto given = answers.of(g);
    if (what.number == ScoreNumber::Distribution) {
      for (double point = metric.low; point <= metric.high; ++point) {
        observations.clear();
        for (const Answer& a : given) observations.push_back({a.customer, a.value == point ? 1.0 : 0.0, 1});
        add_row(g, work.name + "=" + std::to_string(std::lround(point)),
                estimate_share(observations, work.options.confidence));
      }
      continue;
    }
    observations.clear();
    for (const Answer& a : given)
      observations.push_back({a.customer, coded_answer(metric, what.number, what.top, a.value), 1});
    const double confidence = work.options.confidence;
    if (what.number == ScoreNumber::Mean) {
      Estimate mean = estimate_mean(observations, confidence);
      if (metric.kind != MetricKind::Number) clip(mean, metric.low, metric.high);
      add_row(g, work.name, std::move(mean));
      continue;
    }
    add_row(g, work.name,
            what.number == ScoreNumber::Nps ? estimate_nps(observations, confidence)
                                            : estimate_share(observations, confidence));
  }
  return out;
}

}  // namespace journeykit::metrics
