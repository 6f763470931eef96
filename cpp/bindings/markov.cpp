#include <array>
#include <memory>

#include "common.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/markov/counterfactual.hpp"
#include "journeykit/markov/matrix.hpp"
#include "journeykit/markov/order.hpp"
#include "journeykit/markov/sensitivity.hpp"
#include "journeykit/markov/source.hpp"
#include "journeykit/markov/structure.hpp"
#include "journeykit/markov/uncertainty.hpp"

namespace journeykit::bindings {
namespace {

using base::Cancellation;
using markov::Chain;
using markov::ChainParts;
using markov::Inverse;
using markov::MoveKind;
using markov::Part;
using markov::Question;
using markov::ReplicateOptions;
using markov::Reward;
using Numbers = std::vector<double>;
using Names = std::vector<std::string>;
using Codes = std::vector<std::uint32_t>;

struct Model {  // a chain with its solution
  Chain chain;
  Inverse inverse;
  Model(Chain made, const markov::SolveOptions& options, const Cancellation& cancellation)
      : chain(std::move(made)), inverse(chain, options, cancellation) {}
};

struct Block {  // numbers that Python reads in place
  Numbers values;
  std::vector<py::ssize_t> shape;
};

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

// Contiguous doubles of any buffer; `shape` is checked by the caller.
class Doubles {
 public:
  explicit Doubles(const py::object& source, int dimensions) {
    if (PyObject_GetBuffer(source.ptr(), &view_, PyBUF_FORMAT | PyBUF_ND) != 0) {
      PyErr_Clear();
      throw base::InvalidInput("expected an array of float64 in rows without gaps (numpy.ascontiguousarray)");
    }
    if (view_.format == nullptr || std::string_view(view_.format) != "d" || view_.ndim != dimensions) {
      PyBuffer_Release(&view_);
      throw base::InvalidInput("expected an array of float64 with " + std::to_string(dimensions) + " dimension(s)");
    }
  }
  Doubles(const Doubles&) = delete;
  Doubles& operator=(const Doubles&) = delete;
  ~Doubles() { PyBuffer_Release(&view_); }
  std::size_t extent(int dimension) const { return static_cast<std::size_t>(view_.shape[dimension]); }
  std::span<const double> values() const {
    return {static_cast<const double*>(view_.buf), static_cast<std::size_t>(view_.len) / sizeof(double)};
  }

 private:
  Py_buffer view_{};
};

template <class T>
void append_integers(const py::buffer_info& info, std::vector<T>& out) {
  const auto* begin = static_cast<const char*>(info.ptr);
  for (py::ssize_t k = 0; k < info.size; ++k) {
    const char* at = begin + k * info.strides[0];
    out.push_back(info.itemsize == 4 ? static_cast<T>(*reinterpret_cast<const std::int32_t*>(at))
                                     : static_cast<T>(*reinterpret_cast<const std::int64_t*>(at)));
  }
}

markov::Rows rows_of(const py::buffer& offsets, const py::buffer& columns, const py::object& values) {
  const py::buffer_info o = offsets.request(), c = columns.request();
  const Doubles v(values, 1);
  if (o.ndim != 1 || c.ndim != 1 || (o.itemsize != 4 && o.itemsize != 8) || (c.itemsize != 4 && c.itemsize != 8)) {
    throw base::InvalidInput("expected the offsets and columns of a sparse matrix as int32 or int64");
  }
  markov::Rows out;
  out.offsets.clear();
  append_integers(o, out.offsets);
  append_integers(c, out.columns);
  out.values.assign(v.values().begin(), v.values().end());
  if (out.offsets.empty() || out.offsets[0] != 0 || out.offsets.back() != out.columns.size() ||
      out.values.size() != out.columns.size() || !std::ranges::is_sorted(out.offsets) ||
      std::ranges::any_of(out.columns, [&](auto column) { return column >= out.size(); })) {
    throw base::InvalidInput("the offsets and columns of the sparse matrix do not fit together or it is not square");
  }
  return out;
}

MoveKind kind_of(bool counts) { return counts ? MoveKind::Counts : MoveKind::Probabilities; }

template <class T, class Field>
auto column(const std::vector<T>& rows, Field T::*field) {
  std::vector<Field> out;
  out.reserve(rows.size());
  for (const T& row : rows) out.push_back(row.*field);
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

py::tuple bands_tuple(const markov::Bands& bands) {
  return py::make_tuple(bands.low, bands.high, bands.standard_error, bands.failed);
}

py::list path_list(const std::vector<markov::Path>& paths) {
  py::list out;
  for (const auto& path : paths) out.append(py::make_tuple(path.end, path.states, path.probability, path.effort));
  return out;
}

void register_parts(py::module_& m) {
  py::class_<ChainParts>(m, "ChainParts")
      .def(py::init([](Names states, Names ends,
                       const std::vector<std::tuple<std::uint32_t, std::uint32_t, double>>& moves, bool counts) {
             ChainParts out{std::move(states), std::move(ends), {}, {}, false, kind_of(counts)};
             for (const auto& [source, target, value] : moves) out.moves.push_back({source, target, value});
             return out;
           }),
           py::kw_only(), py::arg("states"), py::arg("ends"), py::arg("moves"), py::arg("counts"))
      .def_readonly("states", &ChainParts::states)
      .def_readonly("ends", &ChainParts::ends)
      .def_property_readonly("counted", [](const ChainParts& p) { return p.kind == MoveKind::Counts; })
      .def_property_readonly("has_start", [](const ChainParts& p) { return !p.start.empty(); })
      .def("set_start", [](ChainParts& p, Numbers start) {
        p.start = std::move(start);
        p.start_counted = false;
      });
  m.def("parts_of_map", &markov::parts_of_map, py::arg("map"), py::arg("ends"));
  m.def(
      "parts_of_log",
      [](const events::EventLog& log, const Names& ends) {
        auto found = interruptible(
            [&](const Cancellation& cancellation) { return markov::parts_of_log(log, ends, cancellation); });
        py::dict facts;
        facts["cases"] = found.cases;
        facts["open_cases"] = found.open_cases;
        facts["left_out"] = found.left_out;
        return py::make_tuple(std::move(found.parts), found.move_seconds, found.variance_seconds2, facts);
      },
      py::arg("log"), py::arg("ends"));
  m.def(
      "parts_of_matrix",
      [](const py::object& matrix, const Names& names, bool counts) {
        const Doubles values(matrix, 2);
        if (values.extent(0) != values.extent(1) || values.extent(0) != names.size()) {
          throw base::InvalidInput("the matrix is " + std::to_string(values.extent(0)) + " × " +
                                   std::to_string(values.extent(1)) + " with " + std::to_string(names.size()) +
                                   " names; expected a square matrix and a name for each row");
        }
        return markov::parts_of_matrix(values.values(), names, kind_of(counts));
      },
      py::arg("matrix"), py::arg("names"), py::arg("counts"));
  m.def(
      "parts_of_rows",
      [](const py::buffer& offsets, const py::buffer& columns, const py::object& values, const Names& names,
         bool counts) { return markov::parts_of_rows(rows_of(offsets, columns, values), names, kind_of(counts)); },
      py::arg("offsets"), py::arg("columns"), py::arg("values"), py::arg("names"), py::arg("counts"));
}

void register_model(py::module_& m) {
  py::class_<Question>(m, "ChainQuestion")
      .def(py::init([](Numbers reward, Numbers end_reward, Numbers mean, Numbers variance, Numbers move_mean,
                       Numbers target, Numbers end_target, double lost,
                       const std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, double>>& shifts) {
             Question out{{std::move(reward), std::move(end_reward)},
                          {std::move(mean), std::move(variance), std::move(move_mean)},
                          {std::move(target), std::move(end_target)},
                          lost};
             for (const auto& [state, from, to, amount] : shifts) out.shifts.push_back({state, from, to, amount});
             return out;
           }),
           py::kw_only(), py::arg("reward") = Numbers{}, py::arg("end_reward") = Numbers{}, py::arg("mean") = Numbers{},
           py::arg("variance") = Numbers{}, py::arg("move_mean") = Numbers{}, py::arg("target") = Numbers{},
           py::arg("end_target") = Numbers{}, py::arg("lost") = 0.0,
           py::arg("shifts") = std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, double>>{});
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
          "dirichlet_bands",
          [](const Model& x, const Question& question, const Names& parts, std::int64_t replicates, double confidence,
             double prior, std::uint64_t seed, unsigned threads) {
            const ReplicateOptions options{replicates, confidence, prior, seed, threads};
            return bands_tuple(interruptible([&](const Cancellation& c) {
              return markov::dirichlet_bands(x.chain, question, parts_named(parts), options, c);
            }));
          },
          py::arg("question"), py::arg("parts"), py::kw_only(), py::arg("replicates"), py::arg("confidence"),
          py::arg("prior"), py::arg("seed"), py::arg("threads"))
      .def(
          "chain_replicates",
          [](const Model& x, const py::object& counts, const Question& question, const Names& parts, double confidence,
             unsigned threads) {
            const Doubles values(counts, 2);
            ReplicateOptions options;
            options.confidence = confidence;
            options.threads = threads;
            return bands_tuple(interruptible([&](const Cancellation& c) {
              return markov::chain_replicates(x.chain, values.values(), question, parts_named(parts), options, c);
            }));
          },
          py::arg("counts"), py::arg("question"), py::arg("parts"), py::kw_only(), py::arg("confidence"),
          py::arg("threads"))
      .def("standard_error",
           [](const Model& x, Numbers reward, Numbers end_reward) {
             return markov::standard_error(x.chain, x.inverse, {std::move(reward), std::move(end_reward)});
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
             const auto found =
                 interruptible([&](const Cancellation&) { return markov::worst_moment(x.chain, experience); });
             return py::make_tuple(column(found, &markov::Trough::level), column(found, &markov::Trough::probability));
           })
      .def("sensitivities",
           [](const Model& x, const Question& question) {
             const auto found = interruptible([&](const Cancellation& c) {
               return markov::move_sensitivities(x.chain, markov::adjoint(x.chain, x.inverse, question.target, c));
             });
             return py::make_tuple(column(found, &markov::MoveSensitivity::slope),
                                   column(found, &markov::MoveSensitivity::elasticity));
           })
      .def("shifts",
           [](const Model& x, const Question& question, double amount, std::size_t most) {
             return shift_columns(interruptible([&](const Cancellation& c) {
               const auto adjoint = markov::adjoint(x.chain, x.inverse, question.target, c);
               return markov::shifts(x.chain, x.inverse, adjoint, amount, most, c);
             }));
           })
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
          [](const Model& x, const Question& question, std::size_t exact_players, std::int64_t permutations,
             std::uint64_t seed, unsigned threads) {
            const auto found = interruptible([&](const Cancellation& c) {
              return markov::shapley(x.chain, question.target, {exact_players, permutations, seed, threads}, c);
            });
            using markov::ShapleyShare;
            return py::make_tuple(column(found, &ShapleyShare::state), column(found, &ShapleyShare::value),
                                  column(found, &ShapleyShare::standard_error));
          },
          py::arg("question"), py::kw_only(), py::arg("exact_players"), py::arg("permutations"), py::arg("seed"),
          py::arg("threads"))
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
      "triples", [rows](const Journeys& journeys) { return rows(markov::triples(journeys)); }, py::arg("journeys"));
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
            interruptible([&](const Cancellation&) { return markov::order_evidence(journeys, highest); });
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

// N, B and t with the least around them: short calls keep the GIL.
struct Solution {
  std::size_t states = 0, ends = 0;
  Block visits, absorption, steps;
  Codes state_rows, end_rows;
  double residual = 0;
};

Block block(Numbers values, std::size_t rows, std::size_t columns) {
  return {std::move(values), {static_cast<py::ssize_t>(rows), static_cast<py::ssize_t>(columns)}};
}

std::unique_ptr<Solution> solve_matrix(const py::object& matrix, unsigned threads) {
  const Doubles values(matrix, 2);
  const std::size_t n = values.extent(0);
  if (n != values.extent(1)) {
    throw base::InvalidInput("the matrix is " + std::to_string(n) + " × " + std::to_string(values.extent(1)) +
                             "; expected a square one with a row for each state and end");
  }
  constexpr std::size_t kShort = 64;
  auto found = n <= kShort ? markov::solve_matrix(values.values(), n) : interruptible([&](const Cancellation& c) {
    return markov::solve_matrix(values.values(), n, threads, c);
  });
  auto out = std::make_unique<Solution>();
  markov::Dense& dense = found.dense;
  out->states = dense.states;
  out->ends = dense.ends;
  out->visits = block(std::move(dense.visits), dense.states, dense.states);
  out->absorption = block(std::move(dense.absorption), dense.states, dense.ends);
  out->steps = {std::move(dense.steps), {static_cast<py::ssize_t>(dense.states)}};
  out->state_rows = std::move(found.states);
  out->end_rows = std::move(found.ends);
  return out;
}

std::unique_ptr<Solution> solve_rows(const py::buffer& offsets, const py::buffer& columns, const py::object& values,
                                     double tolerance, unsigned threads) {
  const auto rows = rows_of(offsets, columns, values);
  return interruptible([&](const Cancellation& c) {
    markov::SolveOptions options;
    options.tolerance = tolerance;
    options.threads = threads;
    auto out = std::make_unique<Solution>();
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
      bool end = true;
      for (std::size_t k = rows.offsets[i]; k < rows.offsets[i + 1]; ++k) {
        end = end && (rows.columns[k] == i || rows.values[k] == 0);
      }
      (end ? out->end_rows : out->state_rows).push_back(i);
    }
    Names names;
    for (std::size_t i = 0; i < rows.size(); ++i) names.push_back(std::to_string(i));
    const Chain chain = markov::make_chain(markov::parts_of_rows(rows, names, MoveKind::Probabilities));
    const Inverse inverse(chain, options, c);
    out->states = chain.size();
    out->ends = chain.end_count();
    Numbers absorption(out->states * out->ends);
    for (std::size_t e = 0; e < out->ends; ++e) {
      const Numbers b = inverse.absorption(e, c);
      for (std::size_t i = 0; i < out->states; ++i) absorption[i * out->ends + e] = b[i];
    }
    if (inverse.dense() != nullptr) out->visits = block(inverse.dense()->visits, out->states, out->states);
    out->absorption = block(std::move(absorption), out->states, out->ends);
    out->steps = {inverse.steps(), {static_cast<py::ssize_t>(out->states)}};
    out->residual = inverse.residual();
    return out;
  });
}

void register_solution(py::module_& m) {
  py::class_<Block>(m, "Numbers", py::buffer_protocol(), "Numbers in rows; numpy.asarray() takes them without a copy.")
      .def_buffer([](Block& b) {
        std::vector<py::ssize_t> strides(b.shape.size(), sizeof(double));
        if (strides.size() == 2) strides[0] = b.shape[1] * static_cast<py::ssize_t>(sizeof(double));
        return py::buffer_info(b.values.data(), sizeof(double), "d", static_cast<py::ssize_t>(b.shape.size()), b.shape,
                               strides, true);
      })
      .def_property_readonly("shape", [](const Block& b) { return py::tuple(py::cast(b.shape)); })
      .def("tolist", [](const py::object& self) {
        return py::module_::import("builtins").attr("memoryview")(self).attr("tolist")();
      });
  py::class_<Solution>(m, "ChainSolution", "The numbers of an absorbing chain; `visits` is None beyond 2,500 states.")
      .def_property_readonly("visits",
                             [](const py::object& self) -> py::object {
                               auto& solution = self.cast<Solution&>();
                               if (solution.visits.values.empty()) return py::none();
                               return py::cast(&solution.visits, py::return_value_policy::reference_internal, self);
                             })
      .def_readonly("absorption", &Solution::absorption)
      .def_readonly("steps", &Solution::steps)
      .def_readonly("state_rows", &Solution::state_rows)
      .def_readonly("end_rows", &Solution::end_rows)
      .def_readonly("residual", &Solution::residual);
  m.def("solve_matrix", &solve_matrix, py::arg("matrix"), py::arg("threads"));
  m.def("solve_rows", &solve_rows, py::arg("offsets"), py::arg("columns"), py::arg("values"), py::arg("tolerance"),
        py::arg("threads"));
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
}

}  // namespace

void register_markov(py::module_& m) {
  register_solution(m);
  register_parts(m);
  register_model(m);
  register_order(m);
  register_customers(m);
}

}  // namespace journeykit::bindings
