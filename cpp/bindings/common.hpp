// What every binding needs: Ctrl-C for long calls, and tables out as Arrow streams.
#pragma once

#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <utility>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/base/table.hpp"

struct ArrowArrayStream;

namespace journeykit::bindings {

namespace py = pybind11;

void register_base(py::module_& m);
void register_events(py::module_& m);
void register_io(py::module_& m);
void register_journey(py::module_& m);
void register_discovery(py::module_& m);
void register_discovery_state(py::module_& m);
void register_markov(py::module_& m);
void register_metrics(py::module_& m);
void register_metrics_state(py::module_& m);
void register_scoring(py::module_& m);
void register_attribution(py::module_& m);

// The Arrow stream of any object that offers one; the capsule owns it.
struct ArrowStream {
  explicit ArrowStream(const py::object& source);
  py::capsule capsule;
  ArrowArrayStream* stream;
};

// Reads the Arrow stream of any object that offers one; integers of the columns `as_text` are identifiers, and the
// texts `missing` are missing values.
base::Table read_table(const py::object& source, std::vector<std::string> as_text,
                       std::vector<std::string> missing = {});

// Runs `work(cancellation)` without the GIL; takes it back every 10 ms to hear Ctrl-C, whose KeyboardInterrupt wins.
template <class Work>
auto interruptible(Work&& work) {
  const base::Cancellation cancellation([] {
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    return false;
  });
  const py::gil_scoped_release release;
  return std::forward<Work>(work)(cancellation);
}

// What `to_bytes` gives of a state that nobody changes meanwhile (the facade holds a lock).
template <class State>
py::bytes bytes_of(const State& state) {
  const std::string bytes = [&] {
    const py::gil_scoped_release release;
    return to_bytes(state);
  }();
  return bytes;
}

}  // namespace journeykit::bindings
