#include "common.hpp"
#include "journeykit/io/file.hpp"

namespace journeykit::bindings {

void register_io(py::module_& m) {
  m.def(
      "save_atomically",
      [](const py::bytes& path, const py::bytes& content) {
        const std::string name = path;
        const std::string_view bytes = content;  // immutable, and held by the caller
        const py::gil_scoped_release release;
        io::save_atomically(name, bytes);
      },
      py::arg("path"), py::arg("content"));
}

}  // namespace journeykit::bindings
