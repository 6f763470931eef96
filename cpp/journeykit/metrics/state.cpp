#include "journeykit/metrics/state.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "journeykit/base/error.hpp"

namespace journeykit::metrics {
namespace {

constexpr std::size_t kMostPoints = 101;
constexpr std::size_t kCasesBetweenChecks = 1024;
constexpr double kLargestNumber = 1e140;

struct Answer {
  std::uint32_t touchpoint = 0;
  double value = 0;
};

std::string called(const std::string& metric) { return "metric " + base::quote_safe(metric); }

void check(const ScoreOptions& options) {
  if (options.status) events::check_rule(*options.status);
  for (const Scale& scale : options.scales) {
    if (scale.kind == events::MetricKind::Number) continue;
    const double points = scale.high - scale.low + 1;
    if (!(points >= 2) || !(points <= kMostPoints) || scale.low != std::floor(scale.low) ||
        scale.high != std::floor(scale.high)) {
      throw base::Unsupported(called(scale.metric) +
                              ": the state of a log counts whole points, 2 to 101 of them; read it as a plain number "
                              "(kind='number')");
    }
  }
}

void check_log(const events::EventLog& log, const ScoreOptions& options) {
  if (log.has(events::Role::Customer)) {
    throw base::InvalidInput(
        "the log has the customer column " + base::quote_safe(*log.options().role(events::Role::Customer)) +
        ", and customers do not add up over parts of a log; read it without customer=, so that each case is its own "
        "customer");
  }
  for (const Scale& scale : options.scales) {
    const events::Metric& metric = log.metric(scale.metric);
    const bool same = metric.kind == scale.kind && metric.high_is_good == scale.high_is_good &&
                      (scale.points() == 0 || (metric.low == scale.low && metric.high == scale.high));
    if (!same) {
      throw base::InvalidInput(called(scale.metric) +
                               " has another kind or scale in this log than in the state; read all parts alike");
    }
  }
}

// The answers of one case at one place.
class CaseAnswers {
 public:
  void add_to(AnswerTally& tally, const Scale& scale, std::span<const Answer> answers) {
    const auto n = static_cast<std::int64_t>(answers.size());
    tally.answers += n;
    ++tally.cases;
    tally.squared += n * n;
    tally.most = std::max(tally.most, n);
    if (scale.points() == 0) {
      double total = 0;
      for (const Answer& answer : answers) {
        tally.x.add(answer.value);
        tally.xx.add_product(answer.value, answer.value);
        total += answer.value;
      }
      tally.vm.add_product(total, static_cast<double>(n));
      tally.vv.add_product(total, total);
      return;
    }
    const std::size_t points = scale.points();
    here_.assign(points, 0);
    met_.clear();
    std::size_t point = 0;
    for (const Answer& answer : answers) {
      point = static_cast<std::size_t>(answer.value - scale.low);
      if (here_[point]++ == 0) met_.push_back(point);
      ++tally.counts[point];
    }
    ++tally.last[point];
    std::ranges::sort(met_);
    for (std::size_t a = 0; a < met_.size(); ++a) {
      for (std::size_t b = a; b < met_.size(); ++b) {
        const std::size_t p = met_[a];
        tally.products[p * points - p * (p + 1) / 2 + met_[b]] += here_[p] * here_[met_[b]];
      }
    }
  }

 private:
  std::vector<std::int64_t> here_;
  std::vector<std::size_t> met_;
};

GroupTally empty_group(std::string name, const ScoreOptions& options) {
  GroupTally group;
  group.touchpoint = std::move(name);
  for (const Scale& scale : options.scales) {
    const std::size_t points = scale.points();
    AnswerTally tally;
    tally.counts.assign(points, 0);
    tally.last.assign(points, 0);
    tally.products.assign(points * (points + 1) / 2, 0);
    group.answers.push_back(std::move(tally));
  }
  return group;
}

void count_cases(const events::EventLog& log, ScoreState& state) {
  std::vector<events::CaseStatus> status;
  if (state.options.status) status = events::case_status(log, *state.options.status);
  const auto touchpoints = log.touchpoints();
  const auto offsets = log.case_offsets();
  std::vector<std::size_t> last_case(state.touchpoints.size(), log.case_count());
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    const auto count = [&](GroupTally& group, bool ends_here) {
      ++group.cases;
      if (status.empty()) return;
      ++group.status[static_cast<std::size_t>(status[c])];
      if (ends_here && (status[c] == events::CaseStatus::Failed || status[c] == events::CaseStatus::Abandoned)) {
        ++group.dropped;
      }
    };
    count(state.all, true);
    for (std::size_t e = offsets[c]; e < offsets[c + 1]; ++e) {
      if (last_case[touchpoints[e]] == c) continue;
      last_case[touchpoints[e]] = c;
      count(state.touchpoints[touchpoints[e]], touchpoints[e] == touchpoints[offsets[c + 1] - 1]);
    }
  }
}

void count_answers(const events::EventLog& log, std::size_t s, ScoreState& state,
                   const base::Cancellation& cancellation) {
  const Scale& scale = state.options.scales[s];
  const auto values = log.metric_values(scale.metric);
  const auto touchpoints = log.touchpoints();
  const auto offsets = log.case_offsets();
  CaseAnswers counter;
  std::vector<Answer> answers;
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    if (c % kCasesBetweenChecks == 0) cancellation.check();
    answers.clear();
    bool same = true;
    for (std::size_t e = offsets[c]; e < offsets[c + 1]; ++e) {
      if (std::isnan(values[e])) continue;
      answers.push_back({touchpoints[e], values[e]});
      same = same && values[e] == answers.front().value;
    }
    if (answers.empty()) continue;
    if (scale.points() == 0 &&
        std::ranges::any_of(answers, [](const Answer& a) { return std::abs(a.value) > kLargestNumber; })) {
      throw base::InvalidInput(called(scale.metric) + " has a number beyond 1e140, too large to be added up; mend it");
    }
    state.quality[s].several += answers.size() > 1 ? 1 : 0;
    state.quality[s].equal += answers.size() > 1 && same ? 1 : 0;
    counter.add_to(state.all.answers[s], scale, answers);
    std::ranges::stable_sort(answers, {}, &Answer::touchpoint);
    for (std::size_t begin = 0, end = 0; begin < answers.size(); begin = end) {
      while (end < answers.size() && answers[end].touchpoint == answers[begin].touchpoint) ++end;
      counter.add_to(state.touchpoints[answers[begin].touchpoint].answers[s], scale,
                     std::span(answers).subspan(begin, end - begin));
    }
  }
  for (const auto& [metric, count] : log.quality().out_of_scale) {
    if (metric == scale.metric) state.quality[s].off_scale += count;
  }
}

void add(std::int64_t& to, std::int64_t from) { to = base::add_tallies(to, from); }

void add(std::vector<std::int64_t>& to, const std::vector<std::int64_t>& from) {
  for (std::size_t k = 0; k < to.size(); ++k) add(to[k], from[k]);
}

void add(AnswerTally& to, const AnswerTally& from) {
  add(to.answers, from.answers);
  add(to.cases, from.cases);
  add(to.squared, from.squared);
  to.most = std::max(to.most, from.most);
  add(to.counts, from.counts);
  add(to.last, from.last);
  add(to.products, from.products);
  to.x.merge(from.x);
  to.xx.merge(from.xx);
  to.vm.merge(from.vm);
  to.vv.merge(from.vv);
}

void add(GroupTally& to, const GroupTally& from) {
  add(to.cases, from.cases);
  for (std::size_t k = 0; k < to.status.size(); ++k) add(to.status[k], from.status[k]);
  add(to.dropped, from.dropped);
  for (std::size_t k = 0; k < to.answers.size(); ++k) add(to.answers[k], from.answers[k]);
}

}  // namespace

std::size_t Scale::points() const {
  return kind == events::MetricKind::Number ? 0 : static_cast<std::size_t>(high - low) + 1;
}

ScoreState empty_score_state(const ScoreOptions& options) {
  check(options);
  ScoreState state;
  state.options = options;
  state.all = empty_group({}, options);
  state.quality.resize(options.scales.size());
  return state;
}

ScoreState score_state(const events::EventLog& log, const ScoreOptions& options,
                       const base::Cancellation& cancellation) {
  ScoreState state = empty_score_state(options);
  check_log(log, options);
  for (const std::string& name : log.touchpoint_names()) state.touchpoints.push_back(empty_group(name, options));
  count_cases(log, state);
  for (std::size_t s = 0; s < options.scales.size(); ++s) count_answers(log, s, state, cancellation);
  return state;
}

ScoreState merged(ScoreState a, const ScoreState& b) {
  if (a.options != b.options) {
    throw base::InvalidInput(
        "the states were counted by different rules (metrics, endings, idle or observed_until); count both with the "
        "same options");
  }
  add(a.all, b.all);
  for (std::size_t s = 0; s < a.quality.size(); ++s) {
    add(a.quality[s].several, b.quality[s].several);
    add(a.quality[s].equal, b.quality[s].equal);
    add(a.quality[s].off_scale, b.quality[s].off_scale);
  }
  std::vector<GroupTally> groups;
  auto left = a.touchpoints.begin();
  auto right = b.touchpoints.begin();
  while (left != a.touchpoints.end() || right != b.touchpoints.end()) {
    if (right == b.touchpoints.end() || (left != a.touchpoints.end() && left->touchpoint < right->touchpoint)) {
      groups.push_back(std::move(*left++));
    } else if (left == a.touchpoints.end() || right->touchpoint < left->touchpoint) {
      groups.push_back(*right++);
    } else {
      groups.push_back(std::move(*left++));
      add(groups.back(), *right++);
    }
  }
  a.touchpoints = std::move(groups);
  return a;
}

}  // namespace journeykit::metrics
