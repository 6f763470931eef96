#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>

#include "journeykit/metrics/estimate_columns.hpp"
#include "journeykit/metrics/survey.hpp"

namespace journeykit::metrics {
namespace {

using base::kMissingCode;
using events::CaseStatus;
using events::EventLog;
using events::Role;

struct Sides {
  std::vector<Observation> answered, others;
};

// Variance of the difference of two means when a customer may stand on both sides: residuals are summed by customer,
// each side scaled by G/(G−1), which is Welch's variance when every customer has one case.
struct MeanDifference {
  double variance = kNoNumber;
  double degrees = kNoNumber;
};
MeanDifference mean_difference(const Sides& sides) {
  struct Part {
    std::uint32_t customer;
    double residual;
  };
  std::vector<Part> parts;
  std::array<double, 2> own{};
  std::array<double, 2> customers{};
  const std::array<const std::vector<Observation>*, 2> both{&sides.answered, &sides.others};
  for (std::size_t side = 0; side < 2; ++side) {
    const Effective seen = effective(*both[side]);
    if (seen.customers < 2) return {};
    double sum = 0;
    for (const Observation& o : *both[side]) sum += o.value;
    const double scale = std::sqrt(seen.customers / (seen.customers - 1)) / seen.n * (side == 0 ? 1 : -1);
    for (const Observation& o : *both[side]) parts.push_back({o.customer, scale * (o.value - sum / seen.n)});
    own[side] = seen.standard_error * seen.standard_error;
    customers[side] = seen.customers;
  }
  std::ranges::stable_sort(parts, {}, &Part::customer);
  double variance = 0;
  double of_customer = 0;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    of_customer += parts[k].residual;
    if (k + 1 == parts.size() || parts[k + 1].customer != parts[k].customer) {
      variance += of_customer * of_customer;
      of_customer = 0;
    }
  }
  const double spread = own[0] * own[0] / (customers[0] - 1) + own[1] * own[1] / (customers[1] - 1);
  if (!(spread > 0)) return {};
  return {variance, (own[0] + own[1]) * (own[0] + own[1]) / spread};
}

Comparison compare_means(std::string behaviour, const Sides& sides, double confidence) {
  Comparison out;
  out.behaviour = std::move(behaviour);
  out.answered = estimate_mean(sides.answered, confidence);
  out.others = estimate_mean(sides.others, confidence);
  out.difference = out.answered.value - out.others.value;
  const MeanDifference d = mean_difference(sides);
  if (!(d.variance > 0)) return out;
  const double error = std::sqrt(d.variance);
  out.interval = t_interval(out.difference, error, d.degrees, confidence);
  out.p = t_two_sided(out.difference / error, d.degrees);
  return out;
}

Comparison compare_shares(std::string behaviour, const Sides& sides, double confidence) {
  Comparison out;
  out.behaviour = std::move(behaviour);
  out.answered = estimate_share(sides.answered, confidence);
  out.others = estimate_share(sides.others, confidence);
  out.difference = out.answered.value - out.others.value;
  if (out.answered.customers < 2 || out.others.customers < 2) return out;
  const double n1 = effective(sides.answered, confidence).n_eff;
  const double n2 = effective(sides.others, confidence).n_eff;
  const double k1 = std::min(out.answered.value * n1, n1);
  const double k2 = std::min(out.others.value * n2, n2);
  out.interval = newcombe(k1, n1, k2, n2, confidence);
  out.p = share_difference(k2, n2, k1, n1).p;
  return out;
}

// Name and code of the (at most 50) channels with the most events, in the order of their names.
std::vector<std::pair<std::string, std::uint32_t>> frequent_channels(const EventLog& log) {
  if (!log.has(Role::Channel)) return {};
  const base::Category& channel = log.category(Role::Channel);
  std::vector<std::int64_t> events(channel.dictionary->values.size(), 0);
  for (const std::uint32_t code : channel.codes) {
    if (code != kMissingCode) ++events[code];
  }
  std::vector<std::uint32_t> order(events.size());
  for (std::uint32_t code = 0; code < order.size(); ++code) order[code] = code;
  std::ranges::stable_sort(order, std::greater<>{}, [&](std::uint32_t code) { return events[code]; });
  constexpr std::size_t most = 50;
  order.resize(std::min(order.size(), most));
  std::ranges::sort(order);
  std::vector<std::pair<std::string, std::uint32_t>> out;
  for (const std::uint32_t code : order) out.emplace_back(channel.dictionary->values[code], code);
  return out;
}

bool repeats_a_touchpoint(std::span<const std::uint32_t> touchpoints) {
  std::vector<std::uint32_t> seen(touchpoints.begin(), touchpoints.end());
  std::ranges::sort(seen);
  return std::ranges::adjacent_find(seen) != seen.end();
}

}  // namespace

std::vector<Comparison> compare_answered(const EventLog& log, const SurveyMatch& match, double confidence,
                                         const base::Cancellation& cancellation) {
  const auto offsets = log.case_offsets();
  const auto times = log.times();
  const auto who = events::customers(log);
  const auto status = events::case_status(log);
  std::vector<std::uint8_t> eligible(log.case_count(), 0), answered(log.case_count(), 0);
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      eligible[c] |= match.eligible[k];
      answered[c] |= match.answered[k];
    }
  }
  constexpr std::size_t cases_between_questions = 8192;
  const auto divide = [&](const std::function<std::optional<double>(std::size_t)>& value_of) {
    Sides sides;
    for (std::size_t c = 0; c < log.case_count(); ++c) {
      if (c % cases_between_questions == 0) cancellation.check();
      if (eligible[c] == 0) continue;
      if (const auto value = value_of(c))
        (answered[c] != 0 ? sides.answered : sides.others).push_back({who.of_case[c], *value, 1});
    }
    return sides;
  };
  const auto closed = [&](std::size_t c, double value) {
    return status[c] == CaseStatus::Open ? std::nullopt : std::optional<double>(value);
  };
  std::vector<Comparison> out;
  out.push_back(compare_means("events per case", divide([&](std::size_t c) {
                                return std::optional<double>(static_cast<double>(offsets[c + 1] - offsets[c]));
                              }),
                              confidence));
  out.push_back(compare_means("duration of closed cases in seconds", divide([&](std::size_t c) {
                                return closed(
                                    c, static_cast<double>(times[offsets[c + 1] - 1] - times[offsets[c]]) * 1e-9);
                              }),
                              confidence));
  out.push_back(compare_shares(
      "share of cases that repeat a touchpoint", divide([&](std::size_t c) {
        return std::optional<double>(
            repeats_a_touchpoint(log.touchpoints().subspan(offsets[c], offsets[c + 1] - offsets[c])) ? 1 : 0);
      }),
      confidence));
  if (!log.options().endings.completed.empty()) {
    out.push_back(compare_shares(
        "share of closed cases completed",
        divide([&](std::size_t c) { return closed(c, status[c] == CaseStatus::Completed ? 1 : 0); }), confidence));
  }
  out.push_back(compare_shares(
      "share of closed cases that fell silent",
      divide([&](std::size_t c) { return closed(c, status[c] == CaseStatus::Abandoned ? 1 : 0); }), confidence));
  for (const auto& [name, code] : frequent_channels(log)) {
    const auto& codes = log.category(Role::Channel).codes;
    const auto uses = [&, wanted = code](std::size_t c) {
      const auto begin = codes.begin() + static_cast<std::ptrdiff_t>(offsets[c]);
      const auto end = codes.begin() + static_cast<std::ptrdiff_t>(offsets[c + 1]);
      return std::optional<double>(std::find(begin, end, wanted) != end ? 1 : 0);
    };
    out.push_back(compare_shares("share of cases through channel " + name, divide(uses), confidence));
  }
  std::vector<double> p;
  for (const Comparison& row : out) p.push_back(row.p);
  p = benjamini_hochberg(p);
  for (std::size_t k = 0; k < out.size(); ++k) out[k].p_adjusted = p[k];
  return out;
}

base::Table response_table(const std::vector<Response>& responses) {
  base::TextColumn unit;
  base::Integers answered, eligible;
  EstimateColumns shares;
  for (const Response& r : responses) {
    unit.add(r.unit);
    shares.add(r.share);
    const double count = r.share.n == 0 ? 0 : r.share.value * static_cast<double>(r.share.n);
    answered.values.push_back(std::llround(count));
    eligible.values.push_back(r.share.n);
  }
  base::Table out;
  out.add("unit", unit.finish());
  out.add("answered", std::move(answered));
  out.add("eligible", std::move(eligible));
  shares.value_to(out, "response_share");
  shares.interval_to(out);
  shares.method_to(out);
  shares.warning_to(out);
  return out;
}

base::Table comparison_table(const std::vector<Comparison>& comparisons) {
  std::vector<std::string> behaviour;
  base::Reals answered, others, difference, low, high, p, adjusted;
  base::Integers answered_n, others_n;
  for (const Comparison& c : comparisons) {
    behaviour.push_back(c.behaviour);
    answered.values.push_back(c.answered.value);
    others.values.push_back(c.others.value);
    difference.values.push_back(c.difference);
    low.values.push_back(c.interval.low);
    high.values.push_back(c.interval.high);
    p.values.push_back(c.p);
    adjusted.values.push_back(c.p_adjusted);
    answered_n.values.push_back(c.answered.n);
    others_n.values.push_back(c.others.n);
  }
  base::Table out;
  out.add("behaviour", base::categorize(behaviour));
  out.add("answered", std::move(answered));
  out.add("others", std::move(others));
  out.add("difference", std::move(difference));
  out.add("low", std::move(low));
  out.add("high", std::move(high));
  out.add("p", std::move(p));
  out.add("p_adjusted", std::move(adjusted));
  out.add("answered_cases", std::move(answered_n));
  out.add("other_cases", std::move(others_n));
  return out;
}

}  // namespace journeykit::metrics
