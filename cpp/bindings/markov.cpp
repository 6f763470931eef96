#include <array>

#include "journeykit/discovery/segments.hpp"
#include "journeykit/markov/counterfactual.hpp"
#include "journeykit/markov/order.hpp"
#include "journeykit/markov/sensitivity.hpp"
#include "journeykit/markov/shrinkage.hpp"
#include "journeykit/markov/source.hpp"
#include "journeykit/markov/structure.hpp"
#include "journeykit/markov/uncertainty.hpp"
#include "markov_model.hpp"

namespace journeykit::bindings {
namespace {

using base::Cancellation;
using markov::Chain;
using markov::ChainParts;
using markov::Inverse;
using markov::Part;
using markov::Question;
using markov::ReplicateOptions;

constexpr std::array<std::pair<const char*, Part>, 14> kParts = {{{"endings", Part::Endings},
                                                                  {"visits", Part::Visits},
                                                                  {"ever_visited", Part::EverVisited},
                                                                  {"steps", Part::Steps},
                                                                  {"time", Part::Time},
                                                                  {"value", Part::Value},
                                                                  {"endings_by_state", Part::EndingsByState},
                                                                  {"steps_by_state", Part::StepsByState},
                                                                  {"time_by_state", Part::TimeByState},
                                                                  {"value_by_state", Part::ValueByState},
                                                                  {"slopes", Part::Slopes},
                                                                  {"removals", Part::Removals},
                                                                  {"bypasses", Part::Bypasses},
                                                                  {"shifts", Part::Shifts}}};

std::vector<Part> parts_named(const Names& names) {
  std::vector<Part> out;
  for (const std::string& name : names) {
    for (const auto& [known, part] : kParts) {
      if (name == known) out.push_back(part);
    }
  }
  return out;
}

py::dict shift_columns(const std::vector<markov::Shift>& found) {
  using markov::Shift;
  py::dict out;
  out["state"] = column(found, &Shift::state);
  out["from"] = column(found, &Shift::from);
  out["to"] = column(found, &Shift::to);
  out["amount"] = column(found, &Shift::amount);
  out["slope"] = column(found, &Shift::slope);
  out["linear_change"] = column(found, &Shift::linear);
  out["change"] = column(found, &Shift::change);
  out["lowest"] = column(found, &Shift::lowest);
  out["highest"] = column(found, &Shift::highest);
  return out;
}

py::dict counterfactual_columns(const std::vector<markov::Counterfactual>& found) {
  using markov::Counterfactual;
  py::dict out;
  out["without"] = column(found, &Counterfactual::without);
  out["change"] = column(found, &Counterfactual::change);
  out["effect"] = column(found, &Counterfactual::effect);
  return out;
}

// work(replicates, cancellation) over replicates of the chain: of `counts`, or without them Dirichlet draws.
template <class Work>
auto replicated(const Model& x, const Question& question, const std::vector<Part>& parts, const py::object& counts,
                const ReplicateOptions& options, const Work& work) {
  const std::optional<Doubles> given = counts.is_none() ? std::nullopt : std::make_optional<Doubles>(counts, 2);
  return interruptible([&](const Cancellation& c) {
    return work(given ? markov::given_replicates(x.chain, given->values(), question, parts, options, c)
                      : markov::dirichlet_replicates(x.chain, question, parts, options, c),
                c);
  });
}

py::list path_list(const std::vector<markov::Path>& paths) {
  py::list out;
  for (const auto& path : paths) out.append(py::make_tuple(path.end, path.states, path.probability, path.effort));
  return out;
}

void register_model(py::module_& m) {
  py::class_<Question>(m, "ChainQuestion")
      .def(py::init([](Numbers reward, Numbers end_reward, Numbers mean, Numbers variance, Numbers move_mean,
                       Numbers target, Numbers end_target, Numbers move_target, double lost,
                       const std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, double>>& shifts) {
             Question out{{std::move(reward), std::move(end_reward), {}},
                          {std::move(mean), std::move(variance), std::move(move_mean)},
                          {std::move(target), std::move(end_target), std::move(move_target)},
                          lost};
             for (const auto& [state, from, to, amount] : shifts) out.shifts.push_back({state, from, to, amount});
             return out;
           }),
           py::kw_only(), py::arg("reward") = Numbers{}, py::arg("end_reward") = Numbers{}, py::arg("mean") = Numbers{},
           py::arg("variance") = Numbers{}, py::arg("move_mean") = Numbers{}, py::arg("target") = Numbers{},
           py::arg("end_target") = Numbers{}, py::arg("move_target") = Numbers{}, py::arg("lost") = 0.0,
           py::arg("shifts") = std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, double>>{});
  using markov::RankedBands;
  py::class_<RankedBands>(m, "RankedBands")
      .def_property_readonly("low", [](const RankedBands& x) { return x.bands.low; })
      .def_property_readonly("high", [](const RankedBands& x) { return x.bands.high; })
      .def_property_readonly("rank_low", [](const RankedBands& x) { return x.ranks.low; })
      .def_property_readonly("rank_high", [](const RankedBands& x) { return x.ranks.high; })
      .def_property_readonly("p_in_top", [](const RankedBands& x) { return x.ranks.p_in_top; });
  py::class_<Model>(m, "ChainModel")
      .def(py::init([](ChainParts parts, double prior, std::size_t dense_states, unsigned threads) {
             parts.prior = prior;
             return interruptible([&](const Cancellation& cancellation) {
               markov::SolveOptions options;
               options.dense_states = dense_states;
               options.threads = threads;
               return std::make_unique<Model>(markov::make_chain(std::move(parts)), options, cancellation);
             });
           }),
           py::arg("parts"), py::kw_only(), py::arg("prior"), py::arg("dense_states"), py::arg("threads"))
      .def(py::pickle(&state_of, &model_of))
      .def_property_readonly("states", [](const Model& x) { return x.chain.states; })
      .def_property_readonly("ends", [](const Model& x) { return x.chain.ends; })
      .def_property_readonly("start", [](const Model& x) { return x.chain.start; })
      .def_property_readonly("start_counts", [](const Model& x) { return x.chain.start_counts; })
      .def_property_readonly("counts", [](const Model& x) { return x.chain.counts; })
      .def_property_readonly("probabilities", [](const Model& x) { return x.chain.probabilities; })
      .def_property_readonly("targets", [](const Model& x) { return x.chain.targets; })
      .def_property_readonly("offsets", [](const Model& x) { return x.chain.offsets; })
      .def_property_readonly("residual", [](const Model& x) { return x.inverse.residual(); })
      .def("fundamental",
           [](const Model& x) {
             if (x.inverse.dense() == nullptr) {
               throw base::Unsupported("the fundamental matrix of " + std::to_string(x.chain.size()) +
                                       " touchpoints is not formed; ask for visits, endings or one column");
             }
             const auto n = static_cast<py::ssize_t>(x.chain.size());
             return Block{x.inverse.dense()->visits, {n, n}};
           })
      .def("visits_to",
           [](const Model& x, std::uint32_t state) {
             return interruptible([&](const Cancellation& c) { return x.inverse.visits_to(state, c); });
           })
      .def("visits_from",
           [](const Model& x, std::uint32_t state) {
             Numbers start(x.chain.size(), 0);
             start.at(state) = 1;
             return interruptible([&](const Cancellation& c) { return x.inverse.visits(start, c); });
           })
      .def("numbers",
           [](const Model& x, const Question& question, const Names& parts) {
             return interruptible([&](const Cancellation& c) {
               return markov::numbers(x.chain, x.inverse, question, parts_named(parts), c);
             });
           })
      .def(
          "bands",
          [](const Model& x, const Question& question, const Names& parts, const py::object& counts,
             std::int64_t replicates, double confidence, std::uint64_t seed, unsigned threads) {
            const ReplicateOptions options{replicates, confidence, 0.5, seed, threads};
            const auto found = replicated(x, question, parts_named(parts), counts, options, [&](auto draws, auto& c) {
              return markov::bands_of(draws, confidence, threads, c);
            });
            return py::make_tuple(found.low, found.high);
          },
          py::arg("question"), py::arg("parts"), py::kw_only(), py::arg("counts"), py::arg("replicates"),
          py::arg("confidence"), py::arg("seed"), py::arg("threads"))
      .def(
          "ranked_bands",
          [](const Model& x, const Question& question, const std::string& part, const py::object& counts,
             std::int64_t replicates, double confidence, std::uint64_t seed, unsigned threads, bool by_size,
             double worth, Numbers cost, std::size_t top) {
            const ReplicateOptions options{replicates, confidence, 0.5, seed, threads};
            const markov::RankRule rule{by_size, worth, std::move(cost), top};
            const auto parts = parts_named({part});
            return replicated(x, question, parts, counts, options, [&](auto draws, auto& c) {
              return markov::RankedBands{markov::bands_of(draws, confidence, threads, c),
                                         markov::ranks_of(markov::numbers(x.chain, x.inverse, question, parts, c),
                                                          draws, rule, confidence, threads, c)};
            });
          },
          py::arg("question"), py::arg("part"), py::kw_only(), py::arg("counts"), py::arg("replicates"),
          py::arg("confidence"), py::arg("seed"), py::arg("threads"), py::arg("by_size") = false,
          py::arg("worth") = 1.0, py::arg("cost") = Numbers{}, py::arg("top"))
      .def("standard_error",
           [](const Model& x, const Question& question) {
             return markov::standard_error(x.chain, x.inverse, question.target);
           })
      .def("move_bands",
           [](const Model& x, double prior, double confidence) {
             using markov::ShareBand;
             const auto found = markov::move_bands(x.chain, prior, confidence);
             return py::make_tuple(column(found, &ShareBand::share), column(found, &ShareBand::low),
                                   column(found, &ShareBand::high));
           })
      .def("worst_moment",
           [](const Model& x, const Numbers& experience) {
             const auto found = interruptible(
                 [&](const Cancellation& c) { return markov::worst_moment(x.chain, experience, x.options, c); });
             return py::make_tuple(column(found, &markov::Trough::level), column(found, &markov::Trough::probability));
           })
      .def("sensitivities",
           [](const Model& x, const Question& question, std::optional<const markov::RankedBands*> sure,
              const std::string& method) {
             const auto adjoint = interruptible(
                 [&](const Cancellation& c) { return markov::adjoint(x.chain, x.inverse, question.target, c); });
             return markov::sensitivity_table(x.columns(), x.chain, adjoint, sure.value_or(nullptr), method);
           })
      .def(
          "shifts",
          [](const Model& x, const Question& question, double amount, std::size_t most, double worth, Numbers cost) {
            const markov::Price price{worth, std::move(cost)};
            return shift_columns(interruptible([&](const Cancellation& c) {
              const auto adjoint = markov::adjoint(x.chain, x.inverse, question.target, c);
              return markov::shifts(x.chain, x.inverse, adjoint, amount, most, price, c);
            }));
          },
          py::arg("question"), py::arg("amount"), py::arg("most"), py::kw_only(), py::arg("worth"), py::arg("cost"))
      .def("shift",
           [](const Model& x, const Question& question, std::uint32_t state, std::uint32_t from, std::uint32_t to,
              double amount) {
             return shift_columns(interruptible([&](const Cancellation& c) {
               const auto adjoint = markov::adjoint(x.chain, x.inverse, question.target, c);
               return std::vector{markov::shift(x.chain, x.inverse, adjoint, state, from, to, amount, c)};
             }));
           })
      .def("removals",
           [](const Model& x, const Question& question) {
             return counterfactual_columns(interruptible([&](const Cancellation& c) {
               return markov::removals(x.chain, x.inverse, question.target, question.lost, c);
             }));
           })
      .def("bypasses",
           [](const Model& x, const Question& question, const Codes& states, unsigned threads) {
             return counterfactual_columns(interruptible([&](const Cancellation& c) {
               return markov::bypasses(x.chain, x.inverse, question.target, states, threads, c);
             }));
           })
      .def(
          "shapley",
          [](const Model& x, const Question& question, const Codes& players, std::size_t exact_players,
             std::int64_t permutations, std::uint64_t seed, unsigned threads) {
            const auto found = interruptible([&](const Cancellation& c) {
              return markov::shapley(x.chain, question.target, {exact_players, permutations, seed, threads, players},
                                     c);
            });
            using markov::ShapleyShare;
            return py::make_tuple(column(found, &ShapleyShare::state), column(found, &ShapleyShare::value),
                                  column(found, &ShapleyShare::standard_error));
          },
          py::arg("question"), py::kw_only(), py::arg("players"), py::arg("exact_players"), py::arg("permutations"),
          py::arg("seed"), py::arg("threads"))
      .def("reached_from_start", [](const Model& x) { return markov::states_reached_from_start(x.chain); })
      .def("loops", [](const Model& x) { return markov::loops(x.chain); })
      .def("components", [](const Model& x) { return markov::components(x.chain).of_state; })
      .def("passed_always", [](const Model& x, std::uint32_t target) { return markov::passed_always(x.chain, target); })
      .def(
          "most_probable_paths",
          [](const Model& x, const Numbers& effort) { return path_list(markov::most_probable_paths(x.chain, effort)); })
      .def("least_effort_paths", [](const Model& x, const Numbers& effort) {
        return path_list(markov::least_effort_paths(x.chain, effort));
      });
}

void register_order(py::module_& m) {
  using markov::Journeys;
  py::class_<Journeys>(m, "Journeys").def_property_readonly("count", [](const Journeys& j) { return j.size(); });
  m.def(
      "journeys_of_log",
      [](const events::EventLog& log, const Names& ends, const Model& model) {
        return interruptible([&](const Cancellation& c) { return markov::journeys_of_log(log, ends, model.chain, c); });
      },
      py::arg("log"), py::arg("ends"), py::arg("model"));
  m.def(
      "journeys_of_paths",
      [](const std::vector<std::tuple<Codes, std::uint32_t, double>>& paths) {
        Journeys out;
        for (const auto& [states, end, weight] : paths) {
          out.states.insert(out.states.end(), states.begin(), states.end());
          out.offsets.push_back(out.states.size());
          out.ends.push_back(end);
          out.weights.push_back(weight);
        }
        return out;
      },
      py::arg("paths"));
  m.attr("OPEN") = markov::kOpen;
  m.attr("BEGIN") = markov::kBegin;
  using Row = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, double>;
  const auto rows = [](const std::vector<markov::Triple>& found) {
    std::vector<Row> out;
    for (const auto& t : found) out.emplace_back(t.before, t.state, t.next, t.count);
    return out;
  };
  const auto taken = [](const std::vector<Row>& found) {
    std::vector<markov::Triple> out;
    for (const auto& [before, state, next, count] : found) out.push_back({before, state, next, count});
    return out;
  };
  m.def(
      "triples",
      [rows](const Journeys& journeys) {
        return rows(interruptible([&](const Cancellation& c) { return markov::triples(journeys, c); }));
      },
      py::arg("journeys"));
  m.def(
      "order_tests",
      [taken](const std::vector<Row>& triples, std::size_t states) {
        using markov::OrderTest;
        const auto found = markov::order_tests(taken(triples), states);
        py::dict out;
        out["n"] = column(found, &OrderTest::n);
        out["g2"] = column(found, &OrderTest::g2);
        out["df"] = column(found, &OrderTest::df);
        out["p"] = column(found, &OrderTest::p);
        out["adjusted_p"] = column(found, &OrderTest::adjusted_p);
        out["smallest_expected"] = column(found, &OrderTest::smallest_expected);
        return out;
      },
      py::arg("triples"), py::arg("states"));
  m.def(
      "split_chain",
      [taken](const Model& model, const std::vector<Row>& triples, std::uint32_t state, const Codes& after) {
        return interruptible([&](const Cancellation& c) {
          return std::make_unique<Model>(markov::split(model.chain, taken(triples), state, after),
                                         markov::SolveOptions{}, c);
        });
      },
      py::arg("model"), py::arg("triples"), py::arg("state"), py::arg("after"));
  m.def(
      "order_evidence",
      [](const Journeys& journeys, int highest) {
        using markov::OrderEvidence;
        const auto found =
            interruptible([&](const Cancellation& c) { return markov::order_evidence(journeys, highest, c); });
        py::dict out;
        out["order"] = column(found, &OrderEvidence::order);
        out["n"] = column(found, &OrderEvidence::n);
        out["log_likelihood"] = column(found, &OrderEvidence::log_likelihood);
        out["parameters"] = column(found, &OrderEvidence::parameters);
        out["aic"] = column(found, &OrderEvidence::aic);
        out["bic"] = column(found, &OrderEvidence::bic);
        out["g2"] = column(found, &OrderEvidence::g2);
        out["df"] = column(found, &OrderEvidence::df);
        out["p"] = column(found, &OrderEvidence::p);
        return out;
      },
      py::arg("journeys"), py::arg("highest"));
}

void register_customers(py::module_& m) {
  m.def(
      "customer_replicates",
      [](const events::EventLog& log, const Names& ends, const Model& model, std::size_t replicates, std::uint64_t seed,
         unsigned threads) {
        return interruptible([&](const Cancellation& c) {
          const std::size_t width = model.chain.targets.size() + model.chain.start_counts.size();
          return block(markov::customer_replicates(log, ends, model.chain, replicates, seed, threads, c), replicates,
                       width);
        });
      },
      py::arg("log"), py::arg("ends"), py::arg("model"), py::kw_only(), py::arg("replicates"), py::arg("seed"),
      py::arg("threads"));
  // Keys of the segments, a chain for each, and κ.
  m.def(
      "segment_chains",
      [](const events::EventLog& log, const Names& ends, const Model& whole, const Names& by) {
        base::Table keys;
        double kappa = 0;
        auto models = interruptible([&](const Cancellation& c) {
          const auto parts = discovery::segments(log, by);
          keys = parts.keys;
          const auto counts = markov::counts_of_groups(log, ends, whole.chain, parts.cases, parts.offsets, c);
          kappa = markov::shrinkage(whole.chain, counts, c).kappa;
          const std::size_t width = counts.size() / parts.count;
          std::vector<std::unique_ptr<Model>> out;
          for (std::size_t s = 0; s < parts.count; ++s) {
            const auto own = std::span(counts).subspan(s * width, width);
            out.push_back(std::make_unique<Model>(markov::shrunk(whole.chain, own, kappa), whole.options, c));
          }
          return out;
        });
        return py::make_tuple(std::move(keys), std::move(models), kappa);
      },
      py::arg("log"), py::arg("ends"), py::arg("whole"), py::arg("by"));
}

}  // namespace

void register_markov(py::module_& m) {
  register_markov_state(m);
  register_markov_reading(m);
  register_model(m);
  register_order(m);
  register_customers(m);
}

}  // namespace journeykit::bindings
