#include "common.hpp"
#include "journeykit/scoring/map_intervals.hpp"
#include "journeykit/scoring/path_intervals.hpp"
#include "journeykit/scoring/tables.hpp"

namespace journeykit::bindings {

void register_scoring(py::module_& m) {
  using scoring::Scorecard;
  using scoring::ScoreOptions;
  py::class_<ScoreOptions>(m, "ScoreOptions")
      .def(py::init([](double experience, double friction, double completion, std::int64_t minimum_n, double confidence,
                       std::optional<std::int64_t> slow_ns, std::optional<std::int64_t> repeat_within_ns) {
             return ScoreOptions{{experience, friction, completion}, minimum_n, confidence, slow_ns, repeat_within_ns};
           }),
           py::kw_only(), py::arg("experience"), py::arg("friction"), py::arg("completion"), py::arg("minimum_n"),
           py::arg("confidence"), py::arg("slow_ns"), py::arg("repeat_within_ns"))
      .def(py::pickle(
          [](const ScoreOptions& o) {
            return py::make_tuple(o.weights.experience, o.weights.friction, o.weights.completion, o.minimum_n,
                                  o.confidence, o.slow_ns, o.repeat_within_ns);
          },
          [](const py::tuple& t) {
            const auto number = [&](std::size_t k) { return t[k].cast<double>(); };
            const auto optional = [&](std::size_t k) { return t[k].cast<std::optional<std::int64_t>>(); };
            return ScoreOptions{
                {number(0), number(1), number(2)}, t[3].cast<std::int64_t>(), number(4), optional(5), optional(6)};
          }))
      .def_readonly("slow_ns", &ScoreOptions::slow_ns)
      .def_readonly("minimum_n", &ScoreOptions::minimum_n)
      .def_readonly("confidence", &ScoreOptions::confidence);
  py::class_<Scorecard>(m, "Scorecard")
      .def_readonly("options", &Scorecard::options)
      .def_readonly("case_count", &Scorecard::cases)
      .def_readonly("open_case_count", &Scorecard::open_cases)
      .def("journey", [](const Scorecard& card) { return scoring::scores_table({card.journey}); })
      .def("stages", [](const Scorecard& card) { return scoring::scores_table(card.stages); })
      .def("touchpoints", [](const Scorecard& card) { return scoring::scores_table(card.touchpoints); })
      .def("journey_contributions", [](const Scorecard& card) { return scoring::contributions_table({card.journey}); })
      .def("stage_contributions", [](const Scorecard& card) { return scoring::contributions_table(card.stages); })
      .def("touchpoint_contributions",
           [](const Scorecard& card) { return scoring::contributions_table(card.touchpoints); })
      .def("points_lost", [](const Scorecard& card) { return scoring::points_lost_table(card.points_lost); });
  m.def(
      "score",
      [](const journey::JourneyMap& map, const events::EventLog& log, const ScoreOptions& options) {
        return interruptible(
            [&](const base::Cancellation& cancellation) { return scoring::score(map, log, options, cancellation); });
      },
      py::arg("map"), py::arg("log"), py::arg("options"));
  m.def(
      "find_failures",
      [](const Scorecard& card, const journey::JourneyMap& map, const events::EventLog& log, std::int64_t top,
         std::size_t replicates, std::uint64_t seed, unsigned threads) {
        const scoring::RankOptions ranks{top, replicates, events::kMostGroups, seed, threads};
        return interruptible([&](const base::Cancellation& cancellation) {
          return scoring::failures_table(scoring::find_failures(card, map, log, ranks, cancellation), map);
        });
      },
      py::arg("card"), py::arg("map"), py::arg("log"), py::kw_only(), py::arg("top"), py::arg("replicates"),
      py::arg("seed"), py::arg("threads"));
  m.def(
      "map_intervals",
      [](const events::EventLog& log, double confidence, bool bootstrap, std::size_t replicates, std::size_t groups,
         std::uint64_t seed, unsigned threads) {
        const scoring::IntervalOptions options{confidence, bootstrap, replicates, groups, seed, threads};
        return interruptible([&](const base::Cancellation& cancellation) {
          return scoring::map_numbers_table(log, scoring::map_intervals(log, options, cancellation));
        });
      },
      py::arg("log"), py::kw_only(), py::arg("confidence"), py::arg("bootstrap"), py::arg("replicates"),
      py::arg("groups"), py::arg("seed"), py::arg("threads"));
  m.def(
      "variant_intervals",
      [](const events::EventLog& log, std::int64_t minimum_cases, double confidence) {
        auto found = interruptible([&](const base::Cancellation& cancellation) {
          return scoring::variant_intervals(log, {minimum_cases, confidence}, cancellation);
        });
        return py::make_tuple(std::move(found.rows), std::move(found.steps));
      },
      py::arg("log"), py::kw_only(), py::arg("minimum_cases"), py::arg("confidence"));
  m.def(
      "funnel_intervals",
      [](const events::EventLog& log, std::vector<std::vector<std::string>> steps,
         std::optional<std::int64_t> within_ns, double confidence) {
        return interruptible([&](const base::Cancellation& cancellation) {
          return scoring::funnel_intervals(log, {std::move(steps), within_ns}, confidence, cancellation);
        });
      },
      py::arg("log"), py::arg("steps"), py::arg("within_ns"), py::arg("confidence"));
  m.def(
      "find_failing_slices",
      [](const events::EventLog& log, std::vector<std::string> by, std::int64_t window_ns, std::int64_t minimum_n,
         std::size_t most, double confidence) {
        const scoring::SliceOptions options{std::move(by), window_ns, minimum_n, most, confidence};
        return interruptible([&](const base::Cancellation& cancellation) {
          return scoring::slices_table(scoring::find_failing_slices(log, options, cancellation));
        });
      },
      py::arg("log"), py::kw_only(), py::arg("by"), py::arg("window_ns"), py::arg("minimum_n"), py::arg("most"),
      py::arg("confidence"));
}

}  // namespace journeykit::bindings
