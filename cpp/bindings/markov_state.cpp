#include "markov_model.hpp"

namespace journeykit::bindings {
namespace {

constexpr int kVersion = 1;

template <class T>
py::bytes packed(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <class T>
std::vector<T> unpacked(const py::handle& packed) {
  const auto bytes = packed.cast<std::string_view>();
  if (bytes.size() % sizeof(T) != 0) throw base::InvalidInput("the bytes of a pickled chain are damaged");
  std::vector<T> out(bytes.size() / sizeof(T));
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(out.data()));
  return out;
}

void check_state(const py::tuple& state, std::size_t size, const char* what) {
  if (state.size() != size) throw base::InvalidInput(std::string("the pickle is not that of ") + what);
  const int version = state[0].cast<int>();
  if (version != kVersion) {
    throw base::Unsupported(std::string(what) + " was pickled in version " + std::to_string(version) +
                            ", this journeykit reads " + std::to_string(kVersion));
  }
}

py::tuple state_of_block(const Block& block) { return py::make_tuple(kVersion, packed(block.values), block.shape); }

Block block_of(const py::tuple& state) {
  check_state(state, 3, "numbers");
  Block out{unpacked<double>(state[1]), state[2].cast<std::vector<py::ssize_t>>()};
  std::size_t size = out.shape.empty() ? 0 : 1;
  for (const py::ssize_t extent : out.shape) size *= static_cast<std::size_t>(std::max<py::ssize_t>(0, extent));
  if (out.shape.size() > 2 || size != out.values.size()) {
    throw base::InvalidInput("the pickled numbers are not as many as their shape says");
  }
  return out;
}

py::tuple state_of_solution(const Solution& x) {
  return py::make_tuple(kVersion, x.states, x.ends, x.visits, x.absorption, x.steps, x.state_rows, x.end_rows,
                        x.residual);
}

Solution solution_of(const py::tuple& state) {
  check_state(state, 9, "the solution of a chain");
  return {state[1].cast<std::size_t>(), state[2].cast<std::size_t>(), state[3].cast<Block>(), state[4].cast<Block>(),
          state[5].cast<Block>(),       state[6].cast<Codes>(),       state[7].cast<Codes>(), state[8].cast<double>()};
}

}  // namespace

// The solution is not kept: it is found again, the same to the last digit.
py::tuple state_of(const Model& x) {
  const auto& chain = x.chain;
  const auto& options = x.options;
  const std::vector<std::uint64_t> offsets(chain.offsets.begin(), chain.offsets.end());
  return py::make_tuple(kVersion, chain.states, chain.ends, packed(offsets), packed(chain.targets),
                        packed(chain.probabilities), packed(chain.counts), packed(chain.start),
                        packed(chain.start_counts), packed(chain.pseudo), options.dense_states, options.tolerance,
                        options.accuracy, options.threads);
}

std::unique_ptr<Model> model_of(const py::tuple& state) {
  check_state(state, 14, "a chain");
  markov::Chain chain;
  chain.states = state[1].cast<Names>();
  chain.ends = state[2].cast<Names>();
  const auto offsets = unpacked<std::uint64_t>(state[3]);
  chain.offsets.assign(offsets.begin(), offsets.end());
  chain.targets = unpacked<std::uint32_t>(state[4]);
  chain.probabilities = unpacked<double>(state[5]);
  chain.counts = unpacked<double>(state[6]);
  chain.start = unpacked<double>(state[7]);
  chain.start_counts = unpacked<double>(state[8]);
  chain.pseudo = unpacked<double>(state[9]);
  const markov::SolveOptions options{state[10].cast<std::size_t>(), state[11].cast<double>(), state[12].cast<double>(),
                                     state[13].cast<unsigned>()};
  return interruptible([&](const base::Cancellation& c) {
    markov::check_chain(chain);
    return std::make_unique<Model>(std::move(chain), options, c);
  });
}

void register_markov_state(py::module_& m) {
  py::class_<Block>(m, "Numbers", py::buffer_protocol(), "Numbers in rows; numpy.asarray() takes them without a copy.")
      .def_buffer([](Block& b) {
        std::vector<py::ssize_t> strides(b.shape.size(), sizeof(double));
        if (strides.size() == 2) strides[0] = b.shape[1] * static_cast<py::ssize_t>(sizeof(double));
        return py::buffer_info(b.values.data(), sizeof(double), "d", static_cast<py::ssize_t>(b.shape.size()), b.shape,
                               strides, true);
      })
      .def(py::pickle(&state_of_block, &block_of))
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
      .def(py::pickle(&state_of_solution, &solution_of))
      .def_readonly("absorption", &Solution::absorption)
      .def_readonly("steps", &Solution::steps)
      .def_readonly("state_rows", &Solution::state_rows)
      .def_readonly("end_rows", &Solution::end_rows)
      .def_readonly("residual", &Solution::residual);
}

}  // namespace journeykit::bindings
