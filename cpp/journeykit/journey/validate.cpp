#include "journeykit/journey/validate.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <tuple>

#include "journeykit/base/error.hpp"
#include "journeykit/journey/detail_findings.hpp"
#include "journeykit/journey/fields.hpp"

namespace journeykit::journey {
namespace {

using base::quote_safe;

constexpr auto kError = Severity::Error;
constexpr auto kWarning = Severity::Warning;
constexpr auto kInfo = Severity::Info;

constexpr Rule kNoTouchpoints{kError, "no-touchpoints", "add the touchpoints"};
constexpr Rule kNoStages{kError, "no-stages", "add the stages and put each touchpoint into one"};
constexpr Rule kNoStage{kError, "touchpoint-without-stage", "give it the stage that it belongs to"};
constexpr Rule kNoStart{kError, "no-start", "add the touchpoint where customers come in, without transitions to it"};
constexpr Rule kNoEnd{kError, "no-end", "add the touchpoint where the journey ends, without transitions from it"};
constexpr Rule kNoWayOut{kError, "no-way-out", "add the transition that leads out"};
constexpr Rule kUnreachable{kWarning, "unreachable-touchpoint", "add the transition that leads to it, or remove it"};
constexpr Rule kDeadEnd{kWarning, "dead-end", "add the transition that leads on, or move it into the last stage"};
constexpr Rule kIsolated{kWarning, "touchpoint-without-transitions", "add its transitions, or remove it"};
constexpr Rule kNoTransitions{kInfo, "no-transitions", "add transitions, or discover them from a log"};
constexpr Rule kEmptyStage{kWarning, "stage-without-touchpoints", "add its touchpoints, or remove it"};
constexpr Rule kEmptyScene{kWarning, "scene-without-touchpoints", "add its touchpoints, or remove it"};
constexpr Rule kLookAlike{kWarning, "ids-look-alike", "merge the two, or rename one"};
constexpr Rule kInvisible{kWarning, "id-with-invisible-characters", "rename it"};
constexpr Rule kNoOwner{kInfo, "owner-missing", "name who answers for it"};
constexpr Rule kNoNeed{kInfo, "need-missing", "say what the customer wants there"};
constexpr Rule kNoChannels{kInfo, "channels-missing", "name the channels"};
constexpr Rule kNoDepartments{kInfo, "departments-missing", "name the departments"};
constexpr Rule kNoCause{kWarning, "failure-point-without-cause", "say why it happens"};
constexpr Rule kNotSized{kInfo, "failure-point-not-sized", "give both, so that failure points can be ranked by cost"};
constexpr Rule kNoCurrency{kWarning, "currency-missing", "give the currency of the amounts"};

void check_flow(const JourneyMap& map, const Moves& moves, Findings& findings) {
  const std::size_t n = moves.touchpoints.size();
  if (moves.transitions.empty()) {
    if (n > 1) findings.map(kNoTransitions, "the map has no transitions between its touchpoints");
    return;
  }
  const auto others = [](const std::vector<Moves::Step>& steps, std::uint32_t self) {
    return std::any_of(steps.begin(), steps.end(), [&](const Moves::Step& step) { return step.other != self; });
  };
  const auto counted = [&](std::int64_t TouchpointStatistics::*field) {
    return std::any_of(moves.touchpoints.begin(), moves.touchpoints.end(),
                       [&](const Touchpoint& t) { return t.statistics && (*t.statistics).*field > 0; });
  };
  // What the log says goes before what the drawing suggests.
  const bool starts_counted = counted(&TouchpointStatistics::starts),
             ends_counted = counted(&TouchpointStatistics::ends);
  std::map<std::string_view, std::size_t> stage_position;
  for (std::size_t k = 0; k < map.stages().size(); ++k) stage_position.emplace(map.stages()[k].id, k);
  std::size_t last_stage = 0;
  for (const Touchpoint& t : moves.touchpoints) {
    if (!t.stage.empty()) last_stage = std::max(last_stage, stage_position.at(t.stage));
  }

  std::vector<std::uint32_t> starts, ends;
  std::vector<bool> alone(n), sink(n);
  for (std::uint32_t k = 0; k < n; ++k) {
    const std::optional<TouchpointStatistics>& statistics = moves.touchpoints[k].statistics;
    const bool entered = others(moves.in[k], k), left = others(moves.out[k], k);
    const bool starts_here = statistics && statistics->starts > 0, ends_here = statistics && statistics->ends > 0;
    alone[k] = n > 1 && !entered && !left && !starts_here && !ends_here;
    sink[k] = !left;
    if (alone[k]) {
      findings.touchpoint(kIsolated, k, "no transition joins it to another touchpoint");
      continue;
    }
    if (starts_counted ? starts_here : !entered) starts.push_back(k);
    if (ends_counted ? ends_here : !left) ends.push_back(k);
  }
  if (starts.empty()) findings.map(kNoStart, "the map has no start: every touchpoint is entered from another");
  if (ends.empty()) findings.map(kNoEnd, "the map has no end: every touchpoint leads to another");
  const bool no_starts = starts.empty(), no_ends = ends.empty();
  const std::vector<bool> found = reached(moves.out, std::move(starts)), leads_out = reached(moves.in, std::move(ends));
  for (std::uint32_t k = 0; k < n; ++k) {
    if (alone[k]) continue;
    const std::string& stage = moves.touchpoints[k].stage;
    if (!no_starts && !found[k]) findings.touchpoint(kUnreachable, k, "no start of the journey leads to it");
    if (sink[k] && ends_counted && !leads_out[k]) {
      findings.touchpoint(kDeadEnd, k, "nothing leads on from it, though no case is counted to end there");
    } else if (sink[k] && !ends_counted && !stage.empty() && stage_position.at(stage) < last_stage) {
      findings.touchpoint(kDeadEnd, k, "nothing leads on from it, though the journey has later stages");
    } else if (!sink[k] && !no_ends && !leads_out[k]) {
      findings.touchpoint(kNoWayOut, k, "no way leads from it to an end of the journey");
    }
  }
}

void check_places(const JourneyMap& map, const Moves& moves, Findings& findings) {
  if (moves.touchpoints.empty()) {
    findings.map(kNoTouchpoints, "the map has no touchpoints");
  } else if (map.stages().empty()) {
    findings.map(kNoStages, "the map has no stages");
  }
  std::set<std::string_view> stages, scenes;
  for (std::size_t k = 0; k < moves.touchpoints.size(); ++k) {
    const Touchpoint& t = moves.touchpoints[k];
    stages.insert(t.stage);
    scenes.insert(t.scene);
    if (t.stage.empty() && !map.stages().empty()) findings.touchpoint(kNoStage, k, "it belongs to no stage");
  }
  for (std::size_t k = 0; k < map.stages().size(); ++k) {
    if (!stages.contains(map.stages()[k].id)) findings.stage(kEmptyStage, k, "no touchpoint belongs to it");
  }
  for (std::size_t k = 0; k < map.scenes().size(); ++k) {
    if (!scenes.contains(map.scenes()[k].id)) findings.scene(kEmptyScene, k, "no touchpoint belongs to it");
  }
}

void check_planned(const Moves& moves, Findings& findings) {
  for (std::size_t k = 0; k < moves.touchpoints.size(); ++k) {
    const Touchpoint& t = moves.touchpoints[k];
    if (t.evidence != Evidence::Assumed) continue;
    if (t.owner.empty()) findings.touchpoint(kNoOwner, k, "nobody owns it");
    if (t.need.empty()) findings.touchpoint(kNoNeed, k, "it does not say what the customer needs");
    if (t.channels.empty()) findings.touchpoint(kNoChannels, k, "it has no channels");
    if (t.departments.empty()) findings.touchpoint(kNoDepartments, k, "it has no departments");
  }
}

void check_failure_points(const JourneyMap& map, Findings& findings) {
  bool priced = false;
  for (std::size_t k = 0; k < map.failure_points().size(); ++k) {
    const FailurePoint& f = map.failure_points()[k];
    priced = priced || f.loss_amount.has_value();
    if (f.cause.empty()) findings.failure_point(kNoCause, k, "it has no cause");
    if (!f.frequency_share || !f.loss_amount) {
      findings.failure_point(
          kNotSized, k,
          std::string("it does not say ") + (f.frequency_share ? "what it costs"
                                             : f.loss_amount   ? "how often it happens"
                                                               : "how often it happens and what it costs"));
    }
  }
  if (priced && map.about().currency.empty()) {
    findings.map(kNoCurrency, "failure points have amounts, the map has no currency");
  }
}

// Lower case for ASCII; spaces, hyphens and underscores are one space, none at the ends.
std::string squeezed(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool gap = c == ' ' || c == '\t' || c == '\n' || c == '-' || c == '_';
    if (!gap) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

template <class T, class Report>
void check_ids(const std::vector<T>& elements, const Folding& folding, const base::Cancellation& cancellation,
               const Report& report) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t k = 0; k < elements.size(); ++k) {
    cancellation.check();
    const std::string& id = elements[k].id;
    if (quote_safe(id, id.size()) != "'" + id + "'") {
      report(kInvisible, k, "its id holds characters that cannot be seen or that turn the text around");
    }
    const auto [first, is_new] = seen.emplace(squeezed(folding ? folding(id) : id), k);
    if (!is_new) report(kLookAlike, k, "its id looks like " + quote_safe(elements[first->second].id));
  }
}

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return "error";
    case Severity::Warning:
      return "warning";
    case Severity::Info:
      return "info";
  }
  return "";
}

void Findings::add(const Rule& rule, std::size_t kind, std::size_t position, const std::string& id,
                   const std::string& message) {
  constexpr std::array<std::array<std::string_view, 2>, 6> kinds = {{{"map", ""},
                                                                     {"stage", "/stages/"},
                                                                     {"scene", "/scenes/"},
                                                                     {"touchpoint", "/touchpoints/"},
                                                                     {"transition", "/transitions/"},
                                                                     {"failure point", "/failure_points/"}}};
  cancellation_.check();
  const auto [element, list] = kinds.at(kind);
  Finding finding{rule.severity, std::string(rule.id),     std::string(element), id, "/",
                  message,       std::string(rule.way_out)};
  if (kind != 0) {
    finding.path = std::string(list) + std::to_string(position);
    finding.message = finding.element + " " + quote_safe(id) + ": " + message;
  }
  list_.push_back({std::move(finding), kind, position});
}

void Findings::map(const Rule& rule, const std::string& message) { add(rule, 0, 0, "", message); }

void Findings::stage(const Rule& rule, std::size_t k, const std::string& message) {
  add(rule, 1, k, map_.stages()[k].id, message);
}

void Findings::scene(const Rule& rule, std::size_t k, const std::string& message) {
  add(rule, 2, k, map_.scenes()[k].id, message);
}

void Findings::touchpoint(const Rule& rule, std::size_t k, const std::string& message) {
  add(rule, 3, k, moves_.touchpoints[k].id, message);
}

void Findings::transition(const Rule& rule, std::size_t k, const std::string& message) {
  add(rule, 4, k, transition_id(moves_.transitions[k].source, moves_.transitions[k].target), message);
}

void Findings::failure_point(const Rule& rule, std::size_t k, const std::string& message) {
  add(rule, 5, k, map_.failure_points()[k].id, message);
}

std::vector<Finding> Findings::sorted() && {
  std::vector<std::uint32_t> order(list_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
    const Reported &a = list_[x], &b = list_[y];
    return std::tie(a.finding.severity, a.kind, a.position) < std::tie(b.finding.severity, b.kind, b.position);
  });
  std::vector<Finding> out;
  out.reserve(list_.size());
  for (const std::uint32_t k : order) {
    cancellation_.check();
    out.push_back(std::move(list_[k].finding));
  }
  return out;
}

std::vector<Finding> validate(const JourneyMap& map, const Folding& folding, const base::Cancellation& cancellation) {
  const Moves moves(map, cancellation);
  Findings findings(map, moves, cancellation);
  const auto reporter = [&](void (Findings::*report)(const Rule&, std::size_t, const std::string&)) {
    return [&findings, report](const Rule& rule, std::size_t k, const std::string& message) {
      (findings.*report)(rule, k, message);
    };
  };
  check_places(map, moves, findings);
  check_flow(map, moves, findings);
  check_numbers(map, moves, findings);
  check_ids(map.stages(), folding, cancellation, reporter(&Findings::stage));
  check_ids(map.scenes(), folding, cancellation, reporter(&Findings::scene));
  check_ids(moves.touchpoints, folding, cancellation, reporter(&Findings::touchpoint));
  check_ids(map.failure_points(), folding, cancellation, reporter(&Findings::failure_point));
  check_failure_points(map, findings);
  check_planned(moves, findings);
  return std::move(findings).sorted();
}

}  // namespace journeykit::journey
