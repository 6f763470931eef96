// Any rows as an event log: refused for a reason, or ordered and counted as the plain rows are.
#include <set>

#include "journeykit/discovery/directly_follows.hpp"
#include "journeykit/discovery/rework.hpp"
#include "journeykit/discovery/variants.hpp"
#include "journeykit/events/operations.hpp"
#include "naive_log.hpp"

namespace {

using namespace journeykit;
using events::EventLog;
using events::Role;
using fuzz::Input;
using fuzz::NaiveLog;
using fuzz::require;
using fuzz::Row;
using fuzz::Wide;

const base::Cancellation kNeverCancelled;

using Seen = std::tuple<std::string, std::string, std::int64_t, std::int64_t>;  // case, touchpoint, time, end

std::vector<Seen> seen(const std::vector<Row>& rows) {
  std::vector<Seen> out;
  for (const Row& row : rows) out.emplace_back(*row.case_id, *row.touchpoint, row.time, row.end);
  return out;
}

std::vector<Seen> seen(const EventLog& log) {
  std::vector<Seen> out;
  const auto& names = log.touchpoint_names();
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    require(log.case_offsets()[c] < log.case_offsets()[c + 1], "no case is empty");
    for (std::size_t e = log.case_offsets()[c]; e < log.case_offsets()[c + 1]; ++e) {
      out.emplace_back(log.case_id(c), names.at(log.touchpoints()[e]), log.times()[e],
                       log.end_times().empty() ? base::kMissingInteger : log.end_times()[e]);
    }
  }
  require(out.size() == log.event_count(), "the cases hold all events");
  return out;
}

void check_log(const EventLog& log, const NaiveLog& naive) {
  require(seen(log) == seen(naive.rows), "events stand by case, time, order and input row");
  const events::Quality &got = log.quality(), &expected = naive.quality;
  require(got.rows_read == expected.rows_read && got.rows_dropped == expected.rows_dropped, "rows are counted");
  require(got.tied_events == expected.tied_events, "ties are counted");
  require(got.duplicate_events == expected.duplicate_events, "duplicates are counted");
  require(got.out_of_order_rows == expected.out_of_order_rows, "rows out of order are counted");
  require(got.ends_before_start == expected.ends_before_start, "ends before their start are counted");
  for (const base::Column& column : log.table().columns) {
    const auto* category = std::get_if<base::Category>(column.values.get());
    if (category == nullptr) continue;
    const auto& values = category->dictionary->values;
    require(std::is_sorted(values.begin(), values.end(), std::less_equal<>()), "names stand in byte order, none twice");
    std::set<std::uint32_t> used(category->codes.begin(), category->codes.end());
    used.erase(base::kMissingCode);
    require(used.size() == values.size(), "every name is in use");
  }
  if (log.options().metrics.empty()) return;
  const auto scores = log.metric_values("score");
  for (std::size_t k = 0; k < scores.size(); ++k) {
    const double score = naive.rows[k].score;
    const bool kept = score >= 0 && score <= 10 && score == std::floor(score);
    require(kept ? scores[k] == score : std::isnan(scores[k]), "answers outside their scale are missing");
  }
}

void check_order_of_rows(const Input& input, const NaiveLog& naive, const EventLog& log) {
  if (naive.quality.tied_events > 0) return;
  std::vector<Row> turned(input.rows.rbegin(), input.rows.rend());
  std::rotate(turned.begin(), turned.begin() + static_cast<std::ptrdiff_t>(turned.size() / 3), turned.end());
  require(seen(fuzz::make(input, turned)) == seen(log), "without ties the order of rows does not matter");
}

double number(Wide value) { return static_cast<double>(static_cast<std::int64_t>(value)); }

double median_seconds(std::vector<Wide> values) {
  std::sort(values.begin(), values.end());
  return (number(values[(values.size() - 1) / 2]) + number(values[values.size() / 2])) / 2 / 1e9;
}

bool same(const journey::TimeSummary& got, std::vector<Wide> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  Wide sum = 0;
  for (const Wide value : values) sum += value;
  const std::size_t rank = 9 * (n - 1) / 10, rest = 9 * (n - 1) % 10;
  const double part = static_cast<double>(rest) / 10;
  const double p90 = number(values[rank]) * (1 - part) + number(values[rest == 0 ? rank : rank + 1]) * part;
  return got.n == static_cast<std::int64_t>(n) &&
         got.mean_seconds == static_cast<double>(sum) / static_cast<double>(n) / 1e9 &&
         got.median_seconds == median_seconds(values) && got.p90_seconds == p90 / 1e9 &&
         got.min_seconds == number(values.front()) / 1e9 && got.max_seconds == number(values.back()) / 1e9;
}

Wide end_of(const Row& row) { return row.end == base::kMissingInteger ? row.time : row.end; }

struct NaiveEdge {
  std::int64_t cases = 0;
  std::vector<Wide> times;
};

void check_directly_follows(const EventLog& log, const NaiveLog& naive) {
  std::map<std::pair<std::string, std::string>, NaiveEdge> edges;
  std::map<std::string, std::vector<Wide>> durations;
  std::map<std::string, std::int64_t> events, cases, starts, ends;
  bool too_far = false;
  for (const auto& rows : naive.cases) {
    std::set<std::pair<std::string, std::string>> pairs;
    std::set<std::string> own;
    ++starts[*rows.front().touchpoint];
    ++ends[*rows.back().touchpoint];
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const std::string& here = *rows[k].touchpoint;
      ++events[here];
      own.insert(here);
      if (rows[k].end != base::kMissingInteger) {
        durations[here].push_back(Wide(rows[k].end) - rows[k].time);
        too_far = too_far || !fuzz::fits(durations[here].back());
      }
      if (k + 1 == rows.size()) break;
      const std::pair pair(here, *rows[k + 1].touchpoint);
      edges[pair].times.push_back(rows[k + 1].time - end_of(rows[k]));
      too_far = too_far || !fuzz::fits(edges[pair].times.back());
      pairs.insert(pair);
    }
    for (const auto& pair : pairs) ++edges[pair].cases;
    for (const std::string& name : own) ++cases[name];
  }
  discovery::DirectlyFollows graph;
  const bool refused = fuzz::refused([&] { graph = discovery::directly_follows(log, {1}, kNeverCancelled); });
  require(refused == too_far, "times too far apart, and nothing else, are refused");
  if (refused) return;
  const auto& names = log.touchpoint_names();
  std::int64_t steps = 0, start_sum = 0, end_sum = 0;
  require(graph.edges.size() == edges.size(), "each pair that follows is one edge");
  for (std::size_t k = 0; k < graph.edges.size(); ++k) {
    const discovery::Edge& edge = graph.edges[k];
    const NaiveEdge& expected = edges[{names[edge.source], names[edge.target]}];
    require(edge.count == static_cast<std::int64_t>(expected.times.size()), "steps are counted");
    require(edge.cases == expected.cases, "cases with a step are counted");
    require(same(edge.times, expected.times), "times of steps are summarised");
    steps += edge.count;
    if (k == 0) continue;
    const discovery::Edge& before = graph.edges[k - 1];
    require(std::tuple(-before.count, names[before.source], names[before.target]) <
                std::tuple(-edge.count, names[edge.source], names[edge.target]),
            "edges stand by count, then name");
  }
  for (std::size_t t = 0; t < names.size(); ++t) {
    const discovery::TouchpointCounts& counts = graph.touchpoints[t];
    require(counts.events == events[names[t]] && counts.cases == cases[names[t]], "events and cases are counted");
    require(counts.starts == starts[names[t]] && counts.ends == ends[names[t]], "starts and ends are counted");
    require(counts.open_ends <= counts.ends && counts.customers <= counts.cases, "parts are not more than the whole");
    const std::vector<Wide>& own = durations[names[t]];
    require(counts.duration ? same(*counts.duration, own) : own.empty(), "durations are summarised");
    start_sum += counts.starts;
    end_sum += counts.ends;
  }
  require(start_sum == graph.cases && end_sum == graph.cases, "every case starts once and ends once");
  require(steps == graph.events - graph.cases, "every event but the first of a case follows one");
  require(graph.events == static_cast<std::int64_t>(naive.rows.size()), "all events are counted");
}

void check_variants(const EventLog& log, const NaiveLog& naive) {
  std::map<std::vector<std::string>, std::vector<Wide>> expected;
  bool too_far = false;
  std::int64_t repeating = 0;
  for (const auto& rows : naive.cases) {
    std::vector<std::string> path;
    Wide end = rows.back().time;
    for (const Row& row : rows) {
      path.push_back(*row.touchpoint);
      end = std::max(end, end_of(row));
    }
    too_far = too_far || !fuzz::fits(end - rows.front().time);
    repeating += std::set<std::string>(path.begin(), path.end()).size() < path.size() ? 1 : 0;
    expected[path].push_back(end - rows.front().time);
  }
  const discovery::Segments whole = discovery::segments(log, {});
  const discovery::Rework rework = discovery::rework(log, whole, kNeverCancelled);
  require(
      std::get<base::Integers>(*rework.all.at("repeating_cases").values).values == std::vector<std::int64_t>{repeating},
      "cases with a repeat are counted");
  std::vector<discovery::Variant> variants;
  const bool refused = fuzz::refused([&] { variants = discovery::variants(log, whole, kNeverCancelled); });
  require(refused == too_far, "cases too long, and nothing else, are refused");
  if (refused) return;
  require(variants.size() == expected.size(), "each path is one variant");
  std::tuple<std::int64_t, std::vector<std::string>> last;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    std::vector<std::string> path;
    const std::size_t c = variants[v].example_case;
    for (std::size_t e = log.case_offsets()[c]; e < log.case_offsets()[c + 1]; ++e) {
      path.push_back(log.touchpoint_names()[log.touchpoints()[e]]);
    }
    require(variants[v].cases == static_cast<std::int64_t>(expected[path].size()), "cases of a variant are counted");
    require(variants[v].steps == path.size(), "steps of a variant are counted");
    require(variants[v].median_seconds == median_seconds(expected[path]), "durations of a variant have their median");
    std::tuple own(-variants[v].cases, std::move(path));
    require(v == 0 || last < own, "variants stand by cases, then path");
    last = std::move(own);
  }
}

void check_selection(const EventLog& log, const std::vector<Seen>& all, std::uint8_t choice) {
  std::vector<std::uint8_t> keep(log.event_count());
  std::vector<Seen> kept;
  for (std::size_t k = 0; k < keep.size(); ++k) {
    keep[k] = (k * 7 + choice) % 3 == 0 ? 1 : 0;
    if (keep[k] != 0) kept.push_back(all[k]);
  }
  EventLog some = log;
  const bool none_left = fuzz::refused([&] { some = events::select_events(log, keep); });
  require(none_left == kept.empty(), "a selection is refused when and only when nothing is left");
  if (none_left) return;
  require(seen(some) == kept, "the selected events stay, in their order");
  require(some.idle_limit_ns() == log.idle_limit_ns() && some.observed_until_ns() == log.observed_until_ns(),
          "a part of a log keeps what decides which cases are open");
}

void check_collapse(const EventLog& log, const std::vector<Seen>& all) {
  std::vector<Seen> collapsed;
  for (const Seen& event : all) {
    if (collapsed.empty() || std::get<0>(collapsed.back()) != std::get<0>(event) ||
        std::get<1>(collapsed.back()) != std::get<1>(event)) {
      collapsed.push_back(event);
    } else {
      auto& end = std::get<3>(collapsed.back());
      end = std::max(end, std::get<3>(event));
    }
  }
  const EventLog once = events::collapse_repeats(log);
  require(seen(once) == collapsed, "runs become their first event with the last end");
  require(seen(events::collapse_repeats(once)) == collapsed, "collapsing twice is collapsing once");
}

void check_sessions(const EventLog& log, const NaiveLog& naive, std::int64_t gap) {
  std::vector<Seen> split;
  for (const auto& rows : naive.cases) {
    std::size_t number = 1;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      if (k > 0 && Wide(rows[k].time) - rows[k - 1].time > gap) ++number;
      split.emplace_back(*rows[k].case_id + "#" + std::to_string(number), *rows[k].touchpoint, rows[k].time,
                         rows[k].end);
    }
  }
  std::stable_sort(split.begin(), split.end(),
                   [](const Seen& a, const Seen& b) { return std::get<0>(a) < std::get<0>(b); });
  require(seen(events::sessions(log, gap)) == split, "cases are cut at their pauses");
}

void check_sample(const EventLog& log, std::size_t wanted, std::uint64_t seed) {
  EventLog sample = log;
  const bool empty = fuzz::refused([&] { sample = events::sample(log, wanted, seed); });
  require(empty == (wanted == 0 && log.case_count() > 0), "a sample of no case is refused");
  if (!empty) require(sample.case_count() == std::min(wanted, log.case_count()), "a sample has the cases asked for");
}

void check_names(const EventLog& log) {
  const EventLog renamed = events::with_touchpoints(log, std::vector<std::string>(log.touchpoint_names().size(), "x"));
  require(renamed.touchpoint_names().size() == std::min<std::size_t>(1, log.event_count()), "equal names become one");
  require(events::case_status(renamed) == events::case_status(log), "new names end no case");
}

}  // namespace

// Which questions an input is asked is part of the input: all of them on each would be several times slower.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Bytes bytes(data, size);
  const std::uint8_t choice = bytes.byte();
  const Input input = fuzz::drawn_input(bytes);
  const NaiveLog naive = fuzz::naive_log(input, input.rows);
  std::optional<EventLog> log;
  const bool refused = fuzz::refused([&] { log = fuzz::make(input, input.rows); });
  require(refused == naive.refused, "a log is refused for what its rows lack, and for nothing else");
  if (refused) return 0;
  check_log(*log, naive);
  require(events::case_table(*log).rows == naive.cases.size(), "one row per case");
  switch (choice % 8) {
    case 0:
      require(seen(EventLog::make(log->table(), log->options())) == seen(*log), "a log made again is the same");
      break;
    case 1:
      check_order_of_rows(input, naive, *log);
      break;
    case 2:
      check_directly_follows(*log, naive);
      break;
    case 3:
      check_variants(*log, naive);
      break;
    case 4:
      check_selection(*log, seen(*log), choice / 8);
      break;
    case 5:
      check_collapse(*log, seen(*log));
      break;
    case 6:
      check_sessions(*log, naive, 1 + choice / 8);
      break;
    default:
      check_sample(*log, choice / 8 % 5, choice);
      check_names(*log);
  }
  return 0;
}
