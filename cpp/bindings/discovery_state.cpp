#include "common.hpp"
#include "journeykit/discovery/state.hpp"

namespace journeykit::bindings {
using base::Cancellation;
using discovery::FlowState;

void register_discovery_state(py::module_& m) {
  const auto release = py::call_guard<py::gil_scoped_release>();
  py::class_<events::StatusRule>(m, "StatusRule")
      .def(py::init([](std::vector<std::string> completed, std::vector<std::string> failed, std::int64_t idle_ns,
                       std::int64_t observed_until_ns) {
             events::StatusRule rule{std::move(completed), std::move(failed), idle_ns, observed_until_ns};
             events::check_rule(rule);
             return rule;
           }),
           py::arg("completed"), py::arg("failed"), py::arg("idle_ns"), py::arg("observed_until_ns"))
      .def_readonly("completed", &events::StatusRule::completed)
      .def_readonly("failed", &events::StatusRule::failed)
      .def_readonly("idle_ns", &events::StatusRule::idle_ns)
      .def_readonly("observed_until_ns", &events::StatusRule::observed_until_ns);
  py::class_<FlowState>(m, "FlowState")
      .def(py::init(
               [](std::optional<events::StatusRule> status, std::uint64_t exact_up_to, std::uint64_t most_variants) {
                 FlowState state;
                 state.options = {std::move(status), exact_up_to, most_variants};
                 return state;
               }),
           py::arg("status"), py::arg("exact_up_to"), py::arg("most_variants"))
      .def(
          "updated",
          [](const FlowState& state, const events::EventLog& log) {
            return interruptible([&](const base::Cancellation& cancellation) {
              return merged(state, discovery::flow_state(log, state.options, cancellation));
            });
          },
          py::arg("log"))
      .def(
          "merged", [](const FlowState& state, const FlowState& other) { return merged(state, other); },
          py::arg("other"), release)
      .def("to_bytes", [](const FlowState& state) { return bytes_of(state); })
      .def_static(
          "from_bytes",
          [](const py::bytes& bytes) { return discovery::flow_state_from_bytes(std::string_view(bytes)); },
          py::arg("bytes"))
      .def_property_readonly("cases", [](const FlowState& state) { return state.cases; })
      .def_property_readonly("events", [](const FlowState& state) { return state.events; })
      .def_property_readonly("touchpoint_names",
                             [](const FlowState& state) {
                               std::vector<std::string> names;
                               for (const auto& touchpoint : state.touchpoints) names.push_back(touchpoint.name);
                               return names;
                             })
      .def_property_readonly("status", [](const FlowState& state) { return state.options.status; })
      .def_property_readonly("exact_up_to", [](const FlowState& state) { return state.options.exact_up_to; })
      .def_property_readonly("most_variants", [](const FlowState& state) { return state.options.most_variants; })
      .def("edge_table", py::overload_cast<const FlowState&>(&discovery::edge_table), release)
      .def("touchpoint_table", py::overload_cast<const FlowState&>(&discovery::touchpoint_table), release)
      .def("case_duration_table", py::overload_cast<const FlowState&>(&discovery::case_duration_table), release)
      .def("variant_table", py::overload_cast<const FlowState&>(&discovery::variant_table), release)
      .def("variant_steps", py::overload_cast<const FlowState&>(&discovery::variant_steps), release)
      .def(
          "discover",
          [](const FlowState& state, const std::vector<std::pair<std::string, std::vector<std::string>>>& stages,
             std::int64_t minimum_cases, const std::string& name) {
            discovery::DiscoverOptions options{name, {}, minimum_cases, 1};
            for (const auto& [stage, touchpoints] : stages) options.stages.push_back({stage, touchpoints});
            return interruptible(
                [&](const Cancellation& cancellation) { return discovery::discover(state, options, cancellation); });
          },
          py::arg("stages"), py::arg("minimum_cases"), py::arg("name"));
}

}  // namespace journeykit::bindings
