#include "journeykit/metrics/survey.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>

#include "journeykit/base/error.hpp"
#include "journeykit/events/operations.hpp"

namespace journeykit::metrics {
namespace {

using base::kMissingCode;
using base::kMissingInteger;
using events::EventLog;
using events::Role;

constexpr std::uint32_t kAnyTouchpoint = kMissingCode - 1;

struct Place {  // where an event stands in the search order
  std::uint32_t key = 0, touchpoint = 0;
  std::int64_t time = 0;
  std::uint32_t event = 0;
};
bool before(const Place& a, const Place& b) {
  return std::tie(a.key, a.touchpoint, a.time, a.event) < std::tie(b.key, b.touchpoint, b.time, b.event);
}

// The key column as text codes; a missing key takes the first known of its case.
base::Category key_of_events(const EventLog& log, const std::string& name) {
  Coded coded = coded_column(log, name);
  const auto offsets = log.case_offsets();
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    const auto begin = coded.codes.begin() + static_cast<std::ptrdiff_t>(offsets[c]);
    const auto end = coded.codes.begin() + static_cast<std::ptrdiff_t>(offsets[c + 1]);
    const auto known = std::find_if(begin, end, [](std::uint32_t code) { return code != kMissingCode; });
    if (known != end) std::replace(begin, end, kMissingCode, std::uint32_t{*known});
  }
  if (const auto* category = std::get_if<base::Category>(&coded.values))
    return {std::move(coded.codes), category->dictionary};
  const auto* integers = std::get_if<base::Integers>(&coded.values);
  if (integers == nullptr)
    throw base::InvalidInput("column " + base::quote_safe(name) + " cannot be a key: it holds booleans");
  auto dictionary = std::make_shared<base::Dictionary>();
  for (const std::int64_t value : integers->values) dictionary->values.push_back(std::to_string(value));
  return {std::move(coded.codes), std::move(dictionary)};
}

std::vector<std::uint32_t> translate(const base::Dictionary& from, const base::Dictionary& to) {
  std::unordered_map<std::string_view, std::uint32_t> known;
  for (std::uint32_t code = 0; code < to.values.size(); ++code) known.emplace(to.values[code], code);
  std::vector<std::uint32_t> out;
  for (const std::string& value : from.values) {
    const auto at = known.find(value);
    out.push_back(at == known.end() ? kMissingCode : at->second);
  }
  return out;
}

void check(const SurveyAnswers& answers, const SurveyRule& rule) {
  if (rule.within_ns <= 0)
    throw base::InvalidInput("within is not above 0; expected how old the event may be at the answer, such as '14d'");
  const std::size_t n = answers.times_ns.size();
  bool equal =
      answers.key.codes.size() == n && (answers.touchpoint.codes.empty() || answers.touchpoint.codes.size() == n);
  for (const auto& column : answers.values) equal = equal && column.size() == n;
  if (!equal) throw base::InvalidInput("the columns of the answers have different lengths");
}

bool says_nothing(const SurveyAnswers& answers, std::uint32_t a) {
  return !answers.values.empty() &&
         std::ranges::all_of(answers.values, [&](const auto& column) { return std::isnan(column[a]); });
}

constexpr std::uint32_t kBetweenQuestions = 8192;

struct Found {
  std::uint32_t answer = 0, event = 0;
};

}  // namespace

SurveyMatch match_answers(const EventLog& log, const SurveyAnswers& answers, const SurveyRule& rule,
                          const base::Cancellation& cancellation) {
  check(answers, rule);
  SurveyMatch out;
  const std::size_t events = log.event_count();
  out.values.assign(answers.values.size(), std::vector<double>(events, kNoNumber));
  out.answered.assign(events, 0);
  out.eligible.assign(events, 0);
  const auto mask = touchpoint_mask(log, rule.touchpoints);
  const auto touchpoints = log.touchpoints();
  const auto times = log.times();
  const bool told = !answers.touchpoint.codes.empty();
  const base::Category keys = key_of_events(log, rule.key);
  std::vector<Place> places;
  for (std::uint32_t k = 0; k < events; ++k) {
    if (mask[touchpoints[k]] == 0 || keys.codes[k] == kMissingCode) continue;
    out.eligible[k] = 1;
    places.push_back({keys.codes[k], told ? touchpoints[k] : kAnyTouchpoint, times[k], k});
  }
  cancellation.check();
  std::ranges::sort(places, before);
  cancellation.check();

  const auto key_codes = translate(*answers.key.dictionary, *keys.dictionary);
  const auto touchpoint_codes =
      told ? translate(*answers.touchpoint.dictionary, {log.touchpoint_names()}) : std::vector<std::uint32_t>{};
  std::vector<Found> found;
  for (std::uint32_t a = 0; a < answers.times_ns.size(); ++a) {
    if (a % kBetweenQuestions == 0) cancellation.check();
    const std::uint32_t text = answers.key.codes[a];
    const std::uint32_t named = told ? answers.touchpoint.codes[a] : kAnyTouchpoint;
    if (text == kMissingCode || named == kMissingCode || answers.times_ns[a] == kMissingInteger ||
        says_nothing(answers, a)) {
      ++out.counts.incomplete;
      continue;
    }
    const Place wanted{key_codes[text], told ? touchpoint_codes[named] : named, answers.times_ns[a], kMissingCode};
    const auto same = [&](const Place& place) {
      return place.key == wanted.key && place.touchpoint == wanted.touchpoint;
    };
    const auto next = std::upper_bound(places.begin(), places.end(), wanted, before);
    if (next == places.begin() || !same(*(next - 1))) {
      ++(next != places.end() && same(*next) ? out.counts.early : out.counts.unmatched);
      continue;
    }
    const Place& latest = *(next - 1);
    // unsigned: an answer of another era may lie more than 2^63 ns behind
    const auto age = static_cast<std::uint64_t>(wanted.time) - static_cast<std::uint64_t>(latest.time);
    if (age > static_cast<std::uint64_t>(rule.within_ns)) {
      ++out.counts.late;
      continue;
    }
    if (next - places.begin() > 1 && same(*(next - 2)) && (next - 2)->time == latest.time) ++out.counts.ambiguous;
    found.push_back({a, latest.event});
  }
  // In the order of the answers' times, so that the latest value of each metric is the one that stays.
  std::ranges::stable_sort(found, {}, [&](const Found& f) { return answers.times_ns[f.answer]; });
  for (const Found& f : found) {
    out.counts.superseded += out.answered[f.event];
    out.answered[f.event] = 1;
    for (std::size_t m = 0; m < answers.values.size(); ++m) {
      const double value = answers.values[m][f.answer];
      if (!std::isnan(value)) out.values[m][f.event] = value;
    }
  }
  out.counts.attached = static_cast<std::int64_t>(found.size()) - out.counts.superseded;
  return out;
}

std::vector<Response> response_rates(const EventLog& log, const SurveyMatch& match) {
  const auto offsets = log.case_offsets();
  const auto who = events::customers(log);
  std::vector<std::uint8_t> customer_eligible(who.count, 0), customer_answered(who.count, 0);
  std::vector<Observation> customers, cases, single;
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    bool eligible = false;
    bool answered = false;
    for (std::size_t k = offsets[c]; k < offsets[c + 1]; ++k) {
      if (match.eligible[k] == 0) continue;
      eligible = true;
      answered = answered || match.answered[k] != 0;
      single.push_back({who.of_case[c], match.answered[k] != 0 ? 1.0 : 0.0, 1});
    }
    if (!eligible) continue;
    cases.push_back({who.of_case[c], answered ? 1.0 : 0.0, 1});
    customer_eligible[who.of_case[c]] = 1;
    if (answered) customer_answered[who.of_case[c]] = 1;
  }
  for (std::uint32_t customer = 0; customer < who.count; ++customer) {
    if (customer_eligible[customer] != 0)
      customers.push_back({customer, static_cast<double>(customer_answered[customer]), 1});
  }
  return {
      {"customers", estimate_share(customers)}, {"cases", estimate_share(cases)}, {"events", estimate_share(single)}};
}

Surveyed attach_survey(const EventLog& log, const SurveyAnswers& answers, const SurveyRule& rule,
                       const std::vector<events::Metric>& metrics, const base::Cancellation& cancellation) {
  for (const events::Metric& metric : metrics) {
    if (log.table().find(metric.column) != nullptr) {
      throw base::InvalidInput("column " + base::quote_safe(metric.column) +
                               " is in the log already; rename the column of the answers");
    }
  }
  SurveyMatch match = match_answers(log, answers, rule, cancellation);
  cancellation.check();
  Surveyed out{log, match.counts, response_rates(log, match), {}};
  cancellation.check();
  out.comparisons = compare_answered(log, match, kConfidence, cancellation);
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    out.log = events::with_column(out.log, metrics[m].column, base::Reals{std::move(match.values[m])}, cancellation);
    out.log = events::with_metric(out.log, metrics[m], cancellation);
  }
  return out;
}

}  // namespace journeykit::metrics
