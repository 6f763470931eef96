#include "journeykit/discovery/stages.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include "journeykit/base/error.hpp"
#include "journeykit/discovery/detail_observed.hpp"

namespace journeykit::discovery {
namespace {

Standing standing(const events::EventLog& log, const base::Cancellation& cancellation) {
  constexpr std::int64_t one = std::int64_t{1} << 30U;  // positions are added in integers: no order of rows shows
  constexpr std::size_t cases_between_checks = 1024;
  const auto touchpoints = log.touchpoints();
  const auto offsets = log.case_offsets();
  const std::size_t n = log.touchpoint_names().size();
  Standing out{std::vector<double>(n), std::vector<std::int64_t>(n), std::vector<std::int64_t>(n)};
  std::vector<std::int64_t> sum(n);
  std::vector<std::size_t> last_case(n, std::numeric_limits<std::size_t>::max());
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    if (c % cases_between_checks == 0) cancellation.check();
    const auto steps = static_cast<std::int64_t>(offsets[c + 1] - offsets[c]) - 1;
    for (std::size_t e = offsets[c]; e < offsets[c + 1]; ++e) {
      const auto index = static_cast<std::int64_t>(e - offsets[c]);
      sum[touchpoints[e]] += steps == 0 ? one / 2 : index * one / steps;
      ++out.events[touchpoints[e]];
      if (last_case[touchpoints[e]] != c) {
        last_case[touchpoints[e]] = c;
        ++out.cases[touchpoints[e]];
      }
    }
  }
  for (std::size_t t = 0; t < n; ++t) {
    if (out.events[t] > 0) {
      out.position[t] = static_cast<double>(sum[t]) / static_cast<double>(out.events[t]) / static_cast<double>(one);
    }
  }
  return out;
}

constexpr std::size_t kGrid = 1000;
constexpr std::size_t kFewestStages = 3;
constexpr std::size_t kMostStages = 5;

std::size_t cell_of(double position) { return static_cast<std::size_t>(position * kGrid + 0.5); }

// The cells at which a new stage begins, ascending, without the first.
std::vector<std::size_t> best_cuts(const std::array<std::int64_t, kGrid + 1>& weight) {
  std::vector<std::size_t> cells;
  for (std::size_t x = 0; x <= kGrid; ++x) {
    if (weight[x] > 0) cells.push_back(x);
  }
  const std::size_t m = cells.size();
  // Prefix sums of w, w x, w x²: exact in a double, below 2^32 · 10^6 < 2^53.
  std::vector<double> w(m + 1), wx(m + 1), wxx(m + 1);
  for (std::size_t k = 0; k < m; ++k) {
    const auto x = static_cast<double>(cells[k]);
    const auto weight_here = static_cast<double>(weight[cells[k]]);
    w[k + 1] = w[k] + weight_here;
    wx[k + 1] = wx[k] + weight_here * x;
    wxx[k + 1] = wxx[k] + weight_here * x * x;
  }
  const auto spread = [&](std::size_t begin, std::size_t end) {
    const double s = wx[end] - wx[begin];
    return std::max(0.0, wxx[end] - wxx[begin] - s * s / (w[end] - w[begin]));
  };
  const std::size_t most = std::min(kMostStages, m);
  // cost[k][j]: least spread of the first j cells in k + 1 stages; from[k][j]: where the last of them begins.
  std::vector<std::vector<double>> cost(most, std::vector<double>(m + 1, std::numeric_limits<double>::infinity()));
  std::vector<std::vector<std::size_t>> from(most, std::vector<std::size_t>(m + 1, 0));
  for (std::size_t j = 1; j <= m && most > 0; ++j) cost[0][j] = spread(0, j);
  for (std::size_t k = 1; k < most; ++k) {
    for (std::size_t j = k + 1; j <= m; ++j) {
      for (std::size_t i = k; i < j; ++i) {
        const double here = cost[k - 1][i] + spread(i, j);
        if (here < cost[k][j]) {
          cost[k][j] = here;
          from[k][j] = i;
        }
      }
    }
  }
  std::size_t stages = std::min(kFewestStages, most);
  while (stages < most && cost[stages - 1][m] > 0.1 * cost[0][m]) ++stages;
  std::vector<std::size_t> cuts;
  for (std::size_t k = stages, j = m; k > 1; --k) {
    j = from[k - 1][j];
    cuts.push_back(cells[j]);
  }
  std::ranges::reverse(cuts);
  return cuts;
}

// The character that begins at `at`, as its bytes.
std::string_view character(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U) ++length;
  return text.substr(at, length);
}

// Where the class that begins with the [ at `at` ends (its ]); npos where it never does.
std::size_t end_of_class(std::string_view pattern, std::size_t at) {
  std::size_t from = at + 1;
  if (from < pattern.size() && pattern[from] == '!') ++from;
  return from >= pattern.size() ? std::string_view::npos
                                : pattern.find(']', from + 1);  // a first ] belongs to the class
}

// `members`: what stands between [ and ]. UTF-8 orders as its code points do.
bool in_class(std::string_view members, std::string_view one) {
  const bool negated = members.front() == '!' && members.size() > 1;
  bool found = false;
  for (std::size_t at = negated ? 1 : 0; at < members.size();) {
    const std::string_view first = character(members, at);
    at += first.size();
    std::string_view last = first;
    if (at + 1 < members.size() && members[at] == '-') {
      last = character(members, at + 1);
      at += 1 + last.size();
    }
    found = found || (first <= one && one <= last);
  }
  return found != negated;
}

bool is_pattern(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, retry = 0;  // the last *, and where its match would end next
  while (t < text.size()) {
    const std::string_view here = character(text, t);
    const std::size_t class_end =
        p < pattern.size() && pattern[p] == '[' ? end_of_class(pattern, p) : std::string_view::npos;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (class_end != std::string_view::npos && in_class(pattern.substr(p + 1, class_end - p - 1), here)) {
      p = class_end + 1;
      t += here.size();
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      t += here.size();
    } else if (class_end == std::string_view::npos && pattern.substr(p).starts_with(here)) {
      p += here.size();
      t += here.size();
    } else if (star != std::string_view::npos) {
      p = star + 1;
      retry += character(text, retry).size();
      t = retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Stages propose_stages(const events::EventLog& log, const base::Cancellation& cancellation) {
  return propose_stages(log.touchpoint_names(), standing(log, cancellation));
}

Stages propose_stages(const std::vector<std::string>& names, Standing stand) {
  const std::size_t n = stand.position.size();
  std::array<std::int64_t, kGrid + 1> weight{};
  for (std::size_t t = 0; t < n; ++t) weight[cell_of(stand.position[t])] += stand.events[t];
  const std::vector<std::size_t> cuts = best_cuts(weight);
  Stages out;
  if (n == 0) return out;
  std::vector<std::size_t> leader(cuts.size() + 1, n);
  for (std::size_t t = 0; t < n; ++t) {
    const auto s = static_cast<std::size_t>(std::ranges::upper_bound(cuts, cell_of(stand.position[t])) - cuts.begin());
    out.of_touchpoint.push_back(static_cast<std::uint32_t>(s));
    if (leader[s] == n || stand.cases[t] > stand.cases[leader[s]]) leader[s] = t;
  }
  for (std::size_t s = 0; s < leader.size(); ++s) {
    const std::string number = std::to_string(s + 1);
    journey::Stage stage;
    stage.id = "stage-" + number;
    stage.name = number + " · " + names[leader[s]];
    stage.description = "proposed from where in their cases the touchpoints stand";
    stage.evidence = journey::Evidence::PartlyObserved;
    out.stages.push_back(std::move(stage));
  }
  out.position = std::move(stand.position);
  return out;
}

Stages planned_stages(const events::EventLog& log, std::span<const StagePlan> plan,
                      const base::Cancellation& cancellation) {
  return planned_stages(log.touchpoint_names(), plan, standing(log, cancellation), cancellation);
}

Stages planned_stages(const std::vector<std::string>& names, std::span<const StagePlan> plan, Standing stand,
                      const base::Cancellation& cancellation) {
  constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  Stages out;
  out.of_touchpoint.assign(names.size(), none);
  std::vector<std::uint32_t> stage_of_entry;
  for (const StagePlan& entry : plan) {
    if (entry.stage.empty()) throw base::InvalidInput("stages: a stage has an empty name; name every stage");
    auto at = std::ranges::find(out.stages, entry.stage, &journey::Stage::id);
    if (at == out.stages.end()) {
      journey::Stage stage;
      stage.id = stage.name = entry.stage;
      out.stages.push_back(std::move(stage));
      at = out.stages.end() - 1;
    }
    stage_of_entry.push_back(static_cast<std::uint32_t>(at - out.stages.begin()));
  }
  std::unordered_map<std::string_view, std::size_t> code;
  for (std::size_t t = 0; t < names.size(); ++t) code.emplace(names[t], t);
  for (std::size_t k = 0; k < plan.size(); ++k) {
    for (const std::string& touchpoint : plan[k].touchpoints) {
      const auto at = code.find(touchpoint);
      if (at == code.end()) {
        if (is_pattern(touchpoint)) continue;
        throw base::NotFound("stages: " + base::not_found_message("touchpoint", touchpoint, "the log", names));
      }
      std::uint32_t& stage = out.of_touchpoint[at->second];
      if (stage != none && stage != stage_of_entry[k]) {
        throw base::InvalidInput("stages: touchpoint " + base::quote_safe(touchpoint) + " stands in " +
                                 base::quote_safe(out.stages[stage].id) + " and in " + base::quote_safe(plan[k].stage) +
                                 "; keep it in one");
      }
      stage = stage_of_entry[k];
    }
  }
  for (std::size_t k = 0; k < plan.size(); ++k) {
    for (const std::string& pattern : plan[k].touchpoints) {
      if (code.contains(pattern)) continue;
      bool fits = false;
      for (std::size_t t = 0; t < names.size(); ++t) {
        if (t % 4096 == 0) cancellation.check();
        if (!matches(pattern, names[t])) continue;
        fits = true;
        if (out.of_touchpoint[t] == none) out.of_touchpoint[t] = stage_of_entry[k];
      }
      if (!fits) {
        throw base::NotFound("stages: pattern " + base::quote_safe(pattern) + " fits no touchpoint of the log (" +
                             std::to_string(names.size()) +
                             " touchpoints); * stands for any characters, ? for one, [ab] for one of these");
      }
    }
  }
  if (std::ranges::find(out.of_touchpoint, none) != out.of_touchpoint.end()) {
    const auto at = std::ranges::find(out.stages, std::string("(no stage)"), &journey::Stage::id);
    const auto left = static_cast<std::uint32_t>(at - out.stages.begin());
    if (at == out.stages.end()) {
      journey::Stage stage;
      stage.id = stage.name = "(no stage)";
      out.stages.push_back(std::move(stage));
    }
    std::ranges::replace(out.of_touchpoint, none, left);
  }
  for (const std::uint32_t s : out.of_touchpoint) out.stages[s].evidence = journey::Evidence::Observed;
  out.position = std::move(stand.position);
  return out;
}

}  // namespace journeykit::discovery
