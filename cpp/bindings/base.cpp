#include "common.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/events/arrow.hpp"
#include "nanoarrow/nanoarrow.h"

namespace journeykit::bindings {
namespace {

// Our exception class under `name`, with the parents given; the module keeps it alive.
PyObject* add_error(py::module_& m, const char* name, const char* doc, const py::object& parents) {
  const std::string qualified = std::string("journeykit.") + name;
  PyObject* type = PyErr_NewExceptionWithDoc(qualified.c_str(), doc, parents.ptr(), nullptr);
  if (type == nullptr) throw py::error_already_set();
  m.attr(name) = py::handle(type);
  return type;  // never freed: the translator needs it as long as the process lives
}

void add_errors(py::module_& m) {
  static PyObject* error =
      add_error(m, "Error", "Every error of journeykit.", py::handle(PyExc_Exception).cast<py::object>());
  const auto child = [&](const char* name, PyObject* builtin, const char* doc) {
    return add_error(m, name, doc, py::make_tuple(py::handle(error), py::handle(builtin)));
  };
  static PyObject* invalid_input =
      child("InvalidInput", PyExc_ValueError, "The data or an argument breaks a rule: change the input.");
  static PyObject* not_found = child("NotFound", PyExc_LookupError, "A name is not there: choose another.");
  static PyObject* not_converged =
      child("NotConverged", PyExc_ArithmeticError, "An iteration gave no answer: loosen it or choose another method.");
  static PyObject* unsupported =
      child("Unsupported", PyExc_NotImplementedError, "Valid, but beyond what this version or installation does.");
  static PyObject* cancelled =
      add_error(m, "Cancelled", "The caller asked to stop; nothing was changed.", py::handle(error).cast<py::object>());
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const base::InvalidInput& e) {
      PyErr_SetString(invalid_input, e.what());
    } catch (const base::NotFound& e) {
      PyErr_SetString(not_found, e.what());
    } catch (const base::NotConverged& e) {
      PyErr_SetString(not_converged, e.what());
    } catch (const base::Unsupported& e) {
      PyErr_SetString(unsupported, e.what());
    } catch (const base::Cancelled& e) {
      PyErr_SetString(cancelled, e.what());
    } catch (const base::Error& e) {
      PyErr_SetString(error, e.what());
    }
  });
}

py::capsule arrow_stream(const base::Table& table) {
  auto* stream = new ArrowArrayStream{};
  py::capsule capsule(stream, "arrow_array_stream", [](void* held) {
    auto* owned = static_cast<ArrowArrayStream*>(held);
    if (owned->release != nullptr) owned->release(owned);
    delete owned;
  });
  const py::gil_scoped_release release;
  events::write_arrow(table, stream);
  return capsule;
}

}  // namespace

void register_base(py::module_& m) {
  add_errors(m);
  py::class_<base::Table>(m, "Table")
      .def_property_readonly("row_count", [](const base::Table& table) { return table.rows; })
      .def_property_readonly("column_names", &base::Table::names)
      .def(
          "__arrow_c_stream__", [](const base::Table& table, const py::object&) { return arrow_stream(table); },
          py::arg("requested_schema") = py::none());
  m.def("quote_safe", &base::quote_safe, py::arg("text"), py::arg("limit") = 80);
  m.def(
      "not_found_message",
      [](const std::string& kind, const std::string& name, const std::string& place,
         const std::vector<std::string>& candidates) { return base::not_found_message(kind, name, place, candidates); },
      py::arg("kind"), py::arg("name"), py::arg("place"), py::arg("candidates"));
}

}  // namespace journeykit::bindings
