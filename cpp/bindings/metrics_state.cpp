#include "common.hpp"
#include "journeykit/metrics/state.hpp"

namespace journeykit::bindings {

using metrics::ScoreState;

void register_metrics_state(py::module_& m) {
  const auto release = py::call_guard<py::gil_scoped_release>();
  py::class_<ScoreState>(m, "ScoreState")
      .def(py::init([](std::optional<events::StatusRule> status, const std::vector<events::Metric>& scales) {
             metrics::ScoreOptions options{std::move(status), {}};
             for (const events::Metric& metric : scales) {
               const bool number = metric.kind == events::MetricKind::Number;
               options.scales.push_back(
                   {metric.name, metric.kind, number ? 0 : metric.low, number ? 0 : metric.high, metric.high_is_good});
             }
             return metrics::empty_score_state(options);
           }),
           py::arg("status"), py::arg("scales"))
      .def(
          "updated",
          [](const ScoreState& state, const events::EventLog& log) {
            return interruptible([&](const base::Cancellation& cancellation) {
              return merged(state, metrics::score_state(log, state.options, cancellation));
            });
          },
          py::arg("log"))
      .def(
          "merged", [](const ScoreState& state, const ScoreState& other) { return merged(state, other); },
          py::arg("other"), release)
      .def("to_bytes", [](const ScoreState& state) { return bytes_of(state); })
      .def_static(
          "from_bytes", [](const py::bytes& bytes) { return metrics::score_state_from_bytes(std::string_view(bytes)); },
          py::arg("bytes"))
      .def_property_readonly("cases", [](const ScoreState& state) { return state.all.cases; })
      .def_property_readonly(
          "metrics",
          [](const ScoreState& state) {
            std::vector<events::Metric> out;
            for (const auto& scale : state.options.scales) {
              out.push_back({scale.metric, {}, scale.kind, scale.low, scale.high, scale.high_is_good});
            }
            return out;
          })
      .def(
          "measure",
          [](const ScoreState& state, const metrics::Measure& what, const std::string& name, bool by_touchpoint,
             double confidence, std::int64_t minimum_n) {
            return metrics::measure(state, what, name, by_touchpoint, confidence, minimum_n);
          },
          py::arg("what"), py::arg("name"), py::arg("by_touchpoint"), py::arg("confidence"), py::arg("minimum_n"),
          release);
}

}  // namespace journeykit::bindings
