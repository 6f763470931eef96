// What the bindings of the chain share: a chain with its solution, and numbers that Python reads in place.
#pragma once

#include <memory>
#include <optional>

#include "common.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/markov/inverse.hpp"
#include "journeykit/markov/tables.hpp"

namespace journeykit::bindings {

using Numbers = std::vector<double>;
using Names = std::vector<std::string>;
using Codes = std::vector<std::uint32_t>;

struct Model {  // a chain with its solution
  markov::Chain chain;
  markov::SolveOptions options;
  markov::Inverse inverse;
  Model(markov::Chain made, const markov::SolveOptions& solve, const base::Cancellation& cancellation)
      : chain(std::move(made)), options(solve), inverse(chain, options, cancellation) {}
  const markov::MoveColumns& columns() const {  // with the GIL held
    if (!columns_) columns_ = markov::move_columns(chain);
    return *columns_;
  }

 private:
  mutable std::optional<markov::MoveColumns> columns_;
};

struct Block {  // numbers that Python reads in place
  Numbers values;
  std::vector<py::ssize_t> shape;
};

inline Block block(Numbers values, std::size_t rows, std::size_t columns) {
  return {std::move(values), {static_cast<py::ssize_t>(rows), static_cast<py::ssize_t>(columns)}};
}

// N, B and t with the least around them: short calls keep the GIL.
struct Solution {
  std::size_t states = 0, ends = 0;
  Block visits, absorption, steps;
  Codes state_rows, end_rows;
  double residual = 0;
};

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

template <class T, class Field>
auto column(const std::vector<T>& rows, Field T::*field) {
  std::vector<Field> out;
  out.reserve(rows.size());
  for (const T& row : rows) out.push_back(row.*field);
  return out;
}

// Registered with their pickling in markov_state.cpp, and what reads chains in markov_reading.cpp.
void register_markov_state(py::module_& m);
void register_markov_reading(py::module_& m);
py::tuple state_of(const Model& model);
std::unique_ptr<Model> model_of(const py::tuple& state);

}  // namespace journeykit::bindings
