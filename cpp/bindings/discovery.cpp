#include "common.hpp"
#include "journeykit/discovery/compare.hpp"
#include "journeykit/discovery/directly_follows.hpp"
#include "journeykit/discovery/discover.hpp"
#include "journeykit/discovery/flows.hpp"
#include "journeykit/discovery/paths.hpp"
#include "journeykit/discovery/rework.hpp"
#include "journeykit/discovery/variants.hpp"

namespace journeykit::bindings {
namespace {

using base::Cancellation;
using events::EventLog;
using journey::JourneyMap;
using Columns = std::vector<std::string>;

py::tuple directly_follows(const EventLog& log, const Columns& by, unsigned threads) {
  auto tables = interruptible([&](const Cancellation& cancellation) {
    const auto parts = discovery::segments(log, by);
    const auto graphs = discovery::directly_follows(log, parts, {threads}, cancellation);
    return std::pair(discovery::edge_table(log, parts, graphs), discovery::touchpoint_table(log, parts, graphs));
  });
  return py::make_tuple(std::move(tables.first), std::move(tables.second));
}

py::tuple flow_tables(const discovery::Flows& found, bool medians) {
  return py::make_tuple(discovery::flow_table(found, medians), discovery::flow_touchpoints(found));
}

py::tuple flows_of_log(const EventLog& log, bool medians, unsigned threads) {
  return flow_tables(interruptible([&](const Cancellation& cancellation) {
                       return discovery::flows(log, {medians, threads}, cancellation);
                     }),
                     medians);
}

// None when the table needs the care of a log.
std::optional<py::tuple> flows_of_table(const py::object& source, const std::string& case_id,
                                        const std::string& touchpoint, const std::string& time, Columns missing,
                                        bool medians, unsigned threads) {
  const ArrowStream arrow(source);
  const auto found = interruptible([&](const Cancellation& cancellation) -> std::optional<discovery::Flows> {
    const auto keys =
        events::EventKeys::open(arrow.stream, {case_id, touchpoint, time, std::move(missing)}, cancellation);
    if (!keys) return std::nullopt;
    return discovery::flows(*keys, {medians, threads}, cancellation);
  });
  if (!found) return std::nullopt;
  return flow_tables(*found, medians);
}

py::tuple variants(const EventLog& log, const Columns& by) {
  auto tables = interruptible([&](const Cancellation& cancellation) {
    const auto parts = discovery::segments(log, by);
    const auto found = discovery::variants(log, parts, cancellation);
    return std::pair(discovery::variant_table(log, parts, found), discovery::variant_steps(log, found, cancellation));
  });
  return py::make_tuple(std::move(tables.first), std::move(tables.second));
}

py::tuple rework(const EventLog& log, const Columns& by) {
  auto tables = interruptible([&](const Cancellation& cancellation) {
    return discovery::rework(log, discovery::segments(log, by), cancellation);
  });
  return py::make_tuple(std::move(tables.touchpoints), std::move(tables.all));
}

std::vector<discovery::StagePlan> stage_plans(const std::vector<std::pair<std::string, Columns>>& stages) {
  std::vector<discovery::StagePlan> out;
  for (const auto& [stage, touchpoints] : stages) out.push_back({stage, touchpoints});
  return out;
}

// Keys of the segments and one map for each.
py::tuple discover(const EventLog& log, const std::vector<std::pair<std::string, Columns>>& stages,
                   std::int64_t minimum_cases, const Columns& by, const std::string& name, unsigned threads) {
  auto found = interruptible([&](const Cancellation& cancellation) {
    auto parts = discovery::segments(log, by);
    auto maps = discovery::discover(log, parts, {name, stage_plans(stages), minimum_cases, threads}, cancellation);
    return std::pair(std::move(parts.keys), std::move(maps));
  });
  return py::make_tuple(std::move(found.first), std::move(found.second));
}

py::tuple load_onto(const JourneyMap& drawn, const EventLog& log, std::int64_t minimum_cases, const Columns& by,
                    unsigned threads) {
  auto found = interruptible([&](const Cancellation& cancellation) {
    auto parts = discovery::segments(log, by);
    auto maps = discovery::load_onto(drawn, log, parts, {{}, {}, minimum_cases, threads}, cancellation);
    return std::pair(std::move(parts.keys), std::move(maps));
  });
  return py::make_tuple(std::move(found.first), std::move(found.second));
}

py::bytes cases_along(const EventLog& log, const Columns& contains, const Columns& starts, const Columns& ends,
                      const std::optional<std::pair<std::string, std::string>>& follows,
                      std::optional<std::int64_t> within_ns, bool directly, bool negate) {
  discovery::PathFilter filter{contains, starts, ends, {}, negate};
  if (follows) filter.follows = discovery::Follows{follows->first, follows->second, within_ns, directly};
  const auto found = interruptible(
      [&](const Cancellation& cancellation) { return discovery::cases_along(log, filter, cancellation); });
  return {reinterpret_cast<const char*>(found.data()), found.size()};
}

}  // namespace

void register_discovery(py::module_& m) {
  m.def("directly_follows", &directly_follows, py::arg("log"), py::arg("by"), py::arg("threads"));
  m.def("flows_of_log", &flows_of_log, py::arg("log"), py::arg("medians"), py::arg("threads"));
  m.def("flows_of_table", &flows_of_table, py::arg("source"), py::arg("case"), py::arg("touchpoint"), py::arg("time"),
        py::arg("missing"), py::arg("medians"), py::arg("threads"));
  m.def("variants", &variants, py::arg("log"), py::arg("by"));
  m.def(
      "case_durations",
      [](const EventLog& log, const Columns& by) {
        return interruptible(
            [&](const Cancellation&) { return discovery::case_duration_table(log, discovery::segments(log, by)); });
      },
      py::arg("log"), py::arg("by"));
  m.def("rework", &rework, py::arg("log"), py::arg("by"));
  m.def(
      "step_matrix",
      [](const EventLog& log, std::int64_t steps, bool counts, const Columns& by) {
        return interruptible([&](const Cancellation& cancellation) {
          return discovery::step_matrix(log, discovery::segments(log, by), steps, counts, cancellation);
        });
      },
      py::arg("log"), py::arg("steps"), py::arg("counts"), py::arg("by"));
  m.def(
      "funnel",
      [](const EventLog& log, const std::vector<Columns>& steps, std::optional<std::int64_t> within_ns,
         const Columns& by) {
        return interruptible([&](const Cancellation& cancellation) {
          return discovery::funnel(log, discovery::segments(log, by), {steps, within_ns}, cancellation);
        });
      },
      py::arg("log"), py::arg("steps"), py::arg("within_ns"), py::arg("by"));
  m.def("cases_along", &cases_along, py::arg("log"), py::arg("contains"), py::arg("starts"), py::arg("ends"),
        py::arg("follows"), py::arg("within_ns"), py::arg("directly"), py::arg("negate"));
  m.def("matches", &discovery::matches, py::arg("pattern"), py::arg("text"));
  m.def("discover", &discover, py::arg("log"), py::arg("stages"), py::arg("minimum_cases"), py::arg("by"),
        py::arg("name"), py::arg("threads"));
  m.def("load_onto", &load_onto, py::arg("drawn"), py::arg("log"), py::arg("minimum_cases"), py::arg("by"),
        py::arg("threads"));
  py::class_<discovery::Comparison>(m, "Comparison")
      .def_readonly("edges", &discovery::Comparison::edges)
      .def_readonly("touchpoints", &discovery::Comparison::touchpoints)
      .def_readonly("steps", &discovery::Comparison::steps)
      .def_readonly("drawn_steps", &discovery::Comparison::drawn_steps)
      .def_readonly("drawn_edges", &discovery::Comparison::drawn_edges)
      .def_readonly("unused_edges", &discovery::Comparison::unused_edges)
      .def_readonly("undrawn_edges", &discovery::Comparison::undrawn_edges);
  m.def(
      "compare",
      [](const JourneyMap& drawn, const EventLog& log, unsigned threads) {
        return interruptible(
            [&](const Cancellation& cancellation) { return discovery::compare(drawn, log, threads, cancellation); });
      },
      py::arg("drawn"), py::arg("log"), py::arg("threads"));
}

}  // namespace journeykit::bindings
