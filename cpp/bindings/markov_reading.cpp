#include "journeykit/markov/matrix.hpp"
#include "journeykit/markov/source.hpp"
#include "markov_model.hpp"

namespace journeykit::bindings {
namespace {

using base::Cancellation;
using markov::Chain;
using markov::ChainParts;
using markov::Inverse;
using markov::MoveKind;

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

void register_solving(py::module_& m) {
  m.def("solve_matrix", &solve_matrix, py::arg("matrix"), py::arg("threads"));
  m.def("solve_rows", &solve_rows, py::arg("offsets"), py::arg("columns"), py::arg("values"), py::arg("tolerance"),
        py::arg("threads"));
}

}  // namespace

void register_markov_reading(py::module_& m) {
  register_parts(m);
  register_solving(m);
}

}  // namespace journeykit::bindings
