#include "journeykit/markov/source.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <unordered_map>

#include "journeykit/base/error.hpp"
#include "journeykit/base/text_order.hpp"
#include "journeykit/events/clusters.hpp"
#include "journeykit/markov/structure.hpp"

namespace journeykit::markov {
namespace {

using base::quote_safe;
using events::CaseStatus;
using events::EventLog;

constexpr std::uint32_t kNowhere = 0xFFFFFFFF;

std::string free_name(std::string name, const std::vector<std::string>& taken) {
  while (std::ranges::find(taken, name) != taken.end()) name = "case " + name;
  return name;
}

// How each case of a log runs: its touchpoints up to an end. Codes are touchpoint codes, then `ends`.
struct Walk {
  const EventLog& log;
  std::vector<std::string> ends;      // names
  std::vector<std::uint32_t> end_of;  // by touchpoint code: its end, or kNowhere
  std::vector<CaseStatus> status;     // empty when touchpoints are the ends
  std::size_t touchpoints = 0;

  Walk(const EventLog& source, const std::vector<std::string>& asked) : log(source) {
    const auto& names = log.touchpoint_names();
    touchpoints = names.size();
    end_of.assign(touchpoints, kNowhere);
    if (asked.empty()) {
      events::check_endings(log);
      status = events::case_status(log);
      for (const CaseStatus s : {CaseStatus::Completed, CaseStatus::Failed, CaseStatus::Abandoned}) {
        ends.push_back(free_name(std::string(events::to_string(s)), names));
      }
      return;
    }
    for (const std::string& name : asked) {
      const auto at = std::ranges::find(names, name);
      if (at == names.end()) throw base::NotFound(base::not_found_message("touchpoint", name, "the log", names));
      end_of[static_cast<std::size_t>(at - names.begin())] = static_cast<std::uint32_t>(touchpoints + ends.size());
      ends.push_back(name);
    }
    status = events::case_status(log);
    ends.push_back(free_name("exit", names));
  }

  // step(event, from, to) for each move, to = an end for the last; began(touchpoint) for each case that begins.
  template <class Began, class Step>
  void each(std::size_t c, bool own_ends, const Began& began, const Step& step) const {
    const auto codes = log.touchpoints();
    const auto offsets = log.case_offsets();
    const std::size_t begin = offsets[c], end = offsets[c + 1];
    if (end_of[codes[begin]] != kNowhere) return;
    began(codes[begin]);
    for (std::size_t k = begin; k < end; ++k) {
      if (k + 1 < end) {
        const std::uint32_t to = end_of[codes[k + 1]];
        step(k, codes[k], to != kNowhere ? to : codes[k + 1]);
        if (to != kNowhere) return;
      } else {
        const std::size_t last = touchpoints + (own_ends ? ends.size() - 1 : static_cast<std::size_t>(status[c]));
        step(k, codes[k], status[c] == CaseStatus::Open ? kOpen : static_cast<std::uint32_t>(last));
      }
    }
  }
};

struct MoveTimes {
  double count = 0, seconds = 0, squares = 0;
};

// Where the touchpoints and ends of a walk stand in a chain; kNowhere for what was left out of it.
std::vector<std::uint32_t> places_in(const Walk& walk, const Chain& chain) {
  std::vector<std::uint32_t> place(walk.touchpoints + walk.ends.size(), kNowhere);
  const auto& names = walk.log.touchpoint_names();
  std::unordered_map<std::string_view, std::uint32_t> codes;
  for (std::uint32_t i = 0; i < chain.size(); ++i) codes.emplace(chain.states[i], i);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto at = codes.find(names[i]);
    if (at != codes.end() && walk.end_of[i] == kNowhere) place[i] = at->second;
  }
  for (std::size_t e = 0; e < walk.ends.size(); ++e) {
    const auto at = std::ranges::find(chain.ends, walk.ends[e]);
    if (at == chain.ends.end()) continue;
    place[walk.touchpoints + e] =
        static_cast<std::uint32_t>(chain.size()) + static_cast<std::uint32_t>(at - chain.ends.begin());
  }
  return place;
}

// add(number) for each move of the chain that a case makes, and for its start, in the order of with_counts().
template <class Add>
void count_case(const Walk& walk, const std::vector<std::uint32_t>& place, const Chain& chain, std::size_t c,
                bool own_ends, const Add& add) {
  walk.each(
      c, own_ends,
      [&](std::uint32_t first) {
        if (place[first] != kNowhere && !chain.start_counts.empty()) add(chain.targets.size() + place[first]);
      },
      [&](std::size_t, std::uint32_t from, std::uint32_t to) {
        if (to == kOpen || place[from] == kNowhere || place[to] == kNowhere) return;
        const std::size_t begin = chain.offsets[place[from]], end = chain.offsets[place[from] + 1];
        const auto own = std::span(chain.targets).subspan(begin, end - begin);
        add(begin + static_cast<std::size_t>(std::ranges::lower_bound(own, place[to]) - own.begin()));
      });
}

}  // namespace

ChainParts parts_of_map(const journey::JourneyMap& map, const std::vector<std::string>& ends) {
  ChainParts out;
  const auto touchpoints = map.touchpoints();
  const auto transitions = map.transitions();
  for (const std::string& end : ends) map.touchpoint(end);  // throws NotFound
  std::map<std::string, std::vector<const journey::Transition*>, std::less<>> leaving;
  std::map<std::string, bool, std::less<>> entered;
  bool counted = true;
  for (const auto& t : transitions) {
    if (std::ranges::find(ends, t.source) != ends.end()) continue;
    leaving[t.source].push_back(&t);
    if (t.source != t.target) entered[t.target] = true;
    counted = counted && t.count.has_value();
    if (!t.count && !t.probability) {
      throw base::InvalidInput("the transition " + journey::transition_id(quote_safe(t.source), quote_safe(t.target)) +
                               " has neither count nor probability; give one, or take the map of a log");
    }
  }
  std::map<std::string, std::uint32_t, std::less<>> place;
  std::vector<const journey::Touchpoint*> states;
  for (const auto& t : touchpoints) {
    if (!leaving.contains(t.id)) continue;
    place[t.id] = static_cast<std::uint32_t>(out.states.size());
    out.states.push_back(t.id);
    states.push_back(&t);
  }
  for (const auto& t : touchpoints) {
    if (leaving.contains(t.id)) continue;
    // Touchpoints that nothing leads to or from are no part of any journey.
    if (!entered.contains(t.id) && std::ranges::find(ends, t.id) == ends.end()) continue;
    place[t.id] = static_cast<std::uint32_t>(out.states.size() + out.ends.size());
    out.ends.push_back(t.id);
  }
  out.kind = counted ? MoveKind::Counts : MoveKind::Probabilities;
  const auto exit = static_cast<std::uint32_t>(out.states.size() + out.ends.size());
  bool exits = false;
  for (std::uint32_t i = 0; i < out.states.size(); ++i) {
    const auto& moves = leaving.find(out.states[i])->second;
    double visits = 0;
    for (const auto* t : moves) visits += t->count ? static_cast<double>(*t->count) : 0;
    if (states[i]->statistics) visits = std::max(visits, static_cast<double>(states[i]->statistics->events));
    double left = counted ? visits : 1;
    for (const auto* t : moves) {
      double value = counted ? static_cast<double>(*t->count) : t->probability.value_or(0);
      if (!counted && !t->probability) value = visits > 0 ? static_cast<double>(*t->count) / visits : 0;
      left -= value;
      out.moves.push_back({i, place.find(t->target)->second, value});
    }
    if (left > (counted ? 0 : out.tolerance)) {
      exits = true;
      out.moves.push_back({i, exit, left});
    }
  }
  if (exits) {
    std::vector<std::string> taken = out.states;
    taken.insert(taken.end(), out.ends.begin(), out.ends.end());
    out.ends.push_back(free_name("exit", taken));
  }
  out.start.assign(out.states.size(), 0);
  double starts = 0;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states[i]->statistics) out.start[i] = static_cast<double>(states[i]->statistics->starts);
    starts += out.start[i];
  }
  out.start_counted = starts > 0;
  if (!out.start_counted) {
    std::vector<std::size_t> first;
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (!entered.contains(states[i]->id)) first.push_back(i);
    }
    if (first.size() == 1) {
      out.start[first[0]] = 1;
    } else {
      out.start.clear();  // the caller has to say
    }
  }
  return out;
}

LogParts parts_of_log(const EventLog& log, const std::vector<std::string>& ends,
                      const base::Cancellation& cancellation) {
  const Walk walk(log, ends);
  const bool own_ends = !ends.empty();
  const std::size_t n = walk.touchpoints, width = n + walk.ends.size();
  const auto times = log.times();
  const auto finished = log.end_times();
  LogParts out;
  std::vector<double> start(n, 0);
  constexpr std::size_t kTable = 1500;  // touchpoints whose table of moves still fits in the cache's reach
  std::vector<MoveTimes> table(n <= kTable ? n * width : 0);
  std::unordered_map<std::uint64_t, MoveTimes> map;
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    if (c % 4096 == 0) cancellation.check();
    bool counted = false;
    walk.each(
        c, own_ends,
        [&](std::uint32_t first) {
          ++start[first];
          counted = true;
        },
        [&](std::size_t k, std::uint32_t from, std::uint32_t to) {
          if (to == kOpen) return;
          double seconds = 0;
          if (to < n || (own_ends && to + 1 < width)) {
            seconds = static_cast<double>(times[k + 1] - times[k]) * 1e-9;
          } else if (!finished.empty() && finished[k] != base::kMissingInteger) {
            seconds = static_cast<double>(finished[k] - times[k]) * 1e-9;
          }
          MoveTimes& move = n <= kTable ? table[from * width + to] : map[std::uint64_t{from} << 32U | to];
          ++move.count;
          move.seconds += seconds;
          move.squares += seconds * seconds;
        });
    if (!counted) continue;
    ++(walk.status[c] == CaseStatus::Open ? out.open_cases : out.cases);
  }
  std::vector<std::pair<std::uint64_t, MoveTimes>> moves;
  for (std::size_t k = 0; k < table.size(); ++k) {
    if (table[k].count > 0) moves.emplace_back(std::uint64_t{k / width} << 32U | k % width, table[k]);
  }
  moves.insert(moves.end(), map.begin(), map.end());
  std::ranges::sort(moves, {}, [](const auto& m) { return m.first; });

  // What no case has ended from so far cannot be followed to an end: it is left out with the moves into it.
  Chain all;
  all.states.resize(n);
  all.ends.resize(walk.ends.size());
  all.offsets.assign(n + 1, 0);
  for (const auto& [key, move] : moves) {
    ++all.offsets[(key >> 32U) + 1];
    all.targets.push_back(static_cast<std::uint32_t>(key & 0xFFFFFFFFU));
    all.probabilities.push_back(move.count);
  }
  for (std::size_t i = 0; i < n; ++i) all.offsets[i + 1] += all.offsets[i];
  const auto reaching = states_that_reach_an_end(all);
  std::vector<std::uint32_t> place(width, kNowhere);
  std::vector<std::uint8_t> met(width, 0);
  for (const auto& [key, move] : moves) met[key & 0xFFFFFFFFU] = 1;
  const auto& names = log.touchpoint_names();
  ChainParts& parts = out.parts;
  parts.kind = MoveKind::Counts;
  parts.start_counted = true;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (walk.end_of[i] != kNowhere) continue;
    if (reaching[i] != 0) {
      place[i] = static_cast<std::uint32_t>(parts.states.size());
      parts.states.push_back(names[i]);
      parts.start.push_back(start[i]);
    } else if (met[i] != 0 || start[i] > 0) {
      out.left_out.push_back(names[i]);
    }
  }
  for (std::size_t e = 0; e < walk.ends.size(); ++e) {
    if (met[n + e] == 0) continue;
    place[n + e] = static_cast<std::uint32_t>(parts.states.size() + parts.ends.size());
    parts.ends.push_back(walk.ends[e]);
  }
  if (parts.ends.empty()) {
    throw base::InvalidInput("no case of this log has ended yet (" + std::to_string(out.open_cases) +
                             " open); give completed or failed endings or a shorter idle limit");
  }
  std::vector<double> within(parts.states.size(), 0), visits(parts.states.size(), 0);
  for (const auto& [key, move] : moves) {
    const std::uint32_t from = place[key >> 32U], to = place[key & 0xFFFFFFFFU];
    if (from == kNowhere || to == kNowhere) continue;
    parts.moves.push_back({from, to, move.count});
    const double mean = move.seconds / move.count;
    out.move_seconds.push_back(mean);
    within[from] += std::max(0.0, move.squares - move.count * mean * mean);
    visits[from] += move.count;
  }
  for (std::size_t i = 0; i < within.size(); ++i) out.variance_seconds2.push_back(within[i] / visits[i]);
  return out;
}

Journeys journeys_of_log(const EventLog& log, const std::vector<std::string>& ends, const Chain& chain,
                         const base::Cancellation& cancellation) {
  const Walk walk(log, ends);
  const std::vector<std::uint32_t> place = places_in(walk, chain);
  std::unordered_map<std::string, double> found;
  std::string key;
  const auto put = [&](std::uint32_t code) { key.append(reinterpret_cast<const char*>(&code), sizeof code); };
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    if (c % 4096 == 0) cancellation.check();
    key.clear();
    bool on = true;
    std::uint32_t last = kOpen;
    walk.each(
        c, !ends.empty(),
        [&](std::uint32_t first) {
          on = place[first] != kNowhere;
          if (on) put(place[first]);
        },
        [&](std::size_t, std::uint32_t, std::uint32_t to) {
          if (!on || to == kOpen) return;
          if (place[to] == kNowhere) {  // left out: as far as the journey can be followed
            on = false;
          } else if (place[to] < chain.size()) {
            put(place[to]);
          } else {
            last = place[to];
          }
        });
    if (key.empty()) continue;
    put(last);
    ++found[key];
  }
  std::vector<std::string> texts;
  std::vector<double> weights;
  while (!found.empty()) {
    auto node = found.extract(found.begin());
    texts.push_back(std::move(node.key()));
    weights.push_back(node.mapped());
  }
  Journeys out;
  for (const std::uint32_t k : base::byte_order(texts, cancellation)) {
    const std::string& text = texts[k];
    const std::size_t steps = text.size() / sizeof(std::uint32_t);
    std::vector<std::uint32_t> codes_of(steps);
    std::copy_n(text.data(), text.size(), reinterpret_cast<char*>(codes_of.data()));
    out.ends.push_back(codes_of.back());
    out.states.insert(out.states.end(), codes_of.begin(), codes_of.end() - 1);
    out.offsets.push_back(out.states.size());
    out.weights.push_back(weights[k]);
  }
  return out;
}

std::vector<double> counts_of_groups(const EventLog& log, const std::vector<std::string>& ends, const Chain& chain,
                                     std::span<const std::uint32_t> cases, std::span<const std::size_t> offsets,
                                     const base::Cancellation& cancellation) {
  const Walk walk(log, ends);
  const std::vector<std::uint32_t> place = places_in(walk, chain);
  const std::size_t width = chain.targets.size() + chain.start_counts.size(), groups = offsets.size() - 1;
  constexpr std::size_t kNumbers = 200'000'000;
  if (width > kNumbers / std::max<std::size_t>(1, groups)) {
    throw base::Unsupported(std::to_string(groups) + " segments of " + std::to_string(width) +
                            " moves do not fit into memory; join segments");
  }
  std::vector<double> out(groups * width, 0);
  for (std::size_t g = 0; g < groups; ++g) {
    double* row = out.data() + g * width;
    for (const std::uint32_t c : cases.subspan(offsets[g], offsets[g + 1] - offsets[g])) {
      if (c % 4096 == 0) cancellation.check();
      count_case(walk, place, chain, c, !ends.empty(), [&](std::size_t number) { ++row[number]; });
    }
  }
  return out;
}

std::vector<double> customer_replicates(const EventLog& log, const std::vector<std::string>& ends, const Chain& chain,
                                        std::size_t replicates, std::uint64_t seed, unsigned threads,
                                        const base::Cancellation& cancellation) {
  const Walk walk(log, ends);
  const std::vector<std::uint32_t> place = places_in(walk, chain);
  const events::CustomerGroups groups = events::customer_groups(log, events::kMostGroups, seed);
  if (groups.count < 2) {
    throw base::InvalidInput("the log has a single customer, who is the same in every draw; expected at least 2");
  }
  const auto make_reader = [&]() -> events::GroupReader {
    return [&](std::size_t g, events::GroupTally& tally) {
      for (const std::uint32_t c : groups.cases_of(g)) {
        count_case(walk, place, chain, c, !ends.empty(), [&](std::size_t number) { tally.add(number, 1); });
      }
    };
  };
  const std::size_t width = chain.targets.size() + chain.start_counts.size();
  const auto sums = events::sum_groups(groups, width, threads, cancellation, make_reader);
  const auto draws = events::draw_groups(groups.count, replicates, seed, threads, cancellation);
  return events::replicate_sums(sums, draws, threads, cancellation);
}

}  // namespace journeykit::markov
