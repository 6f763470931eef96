#include <numeric>

#include "common.hpp"
#include "journeykit/attribution/attribute.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::bindings {
namespace {

using attribution::AttributionOptions;
using attribution::ModelKind;
using attribution::Paths;
using attribution::Worth;

template <class Enum>
Enum named(const std::string& name, const char* what, const std::vector<std::pair<std::string, Enum>>& known) {
  std::vector<std::string> names;
  for (const auto& [text, value] : known) {
    if (text == name) return value;
    names.push_back(text);
  }
  throw base::NotFound(base::not_found_message(what, name, "the list", names));
}

ModelKind model_named(const std::string& name) {
  return named<ModelKind>(name, "model",
                          {{"markov", ModelKind::Markov},
                           {"first", ModelKind::First},
                           {"last", ModelKind::Last},
                           {"last_non_direct", ModelKind::LastNonDirect},
                           {"linear", ModelKind::Linear},
                           {"position", ModelKind::Position},
                           {"time_decay", ModelKind::TimeDecay},
                           {"shapley", ModelKind::Shapley}});
}

Worth worth_named(const std::string& name) {
  return named<Worth>(name, "worth",
                      {{"conversions", Worth::Conversions}, {"rate", Worth::Rate}, {"chain", Worth::Chain}});
}

// Buffers of the facade, which lays them out; requested once and kept while their memory is used.
class Buffers {
 public:
  template <class T>
  std::span<const T> numbers(const py::handle& buffer) {
    const py::buffer_info& info = kept_.emplace_back(buffer.cast<py::buffer>().request());
    if (info.itemsize != static_cast<py::ssize_t>(sizeof(T)) || info.ndim != 1) {
      throw base::InvalidInput("a buffer is not of the layout that the facade promises");
    }
    return {static_cast<const T*>(info.ptr), static_cast<std::size_t>(info.size)};
  }

  // (bytes, offsets of 4 or 8 bytes) of each part of a column.
  std::vector<attribution::TextRows> text(const py::list& parts) {
    std::vector<attribution::TextRows> out;
    for (const py::handle part : parts) {
      const auto pair = part.cast<py::tuple>();
      attribution::TextRows rows;
      const auto bytes = numbers<char>(pair[0]);
      rows.bytes = {bytes.data(), bytes.size()};
      if (pair[1].cast<py::buffer>().request().itemsize == 4) {
        rows.narrow = numbers<std::int32_t>(pair[1]);
      } else {
        rows.wide = numbers<std::int64_t>(pair[1]);
      }
      out.push_back(rows);
    }
    return out;
  }

 private:
  std::vector<py::buffer_info> kept_;
};

// `rows`: a log with a case for each row, in order, whose customer is that of the row.
base::Table attribute(const py::dict& columns, const py::dict& names, const std::string& separator,
                      const AttributionOptions& options, const std::optional<const events::EventLog*>& rows) {
  Buffers buffers;
  attribution::PathColumns given;
  given.path = buffers.text(columns["path"].cast<py::list>());
  given.conversions = buffers.numbers<double>(columns["conversions"]);
  if (columns.contains("times")) given.times = buffers.text(columns["times"].cast<py::list>());
  if (columns.contains("nulls")) given.nulls = buffers.numbers<double>(columns["nulls"]);
  if (columns.contains("value")) given.values = buffers.numbers<double>(columns["value"]);
  const auto name = [&](const char* column) {
    return names.contains(column) ? names[column].cast<std::string>() : std::string();
  };
  given.path_name = name("path");
  given.times_name = name("times");
  given.conversions_name = name("conversions");
  given.nulls_name = name("nulls");
  given.values_name = name("value");
  given.separator = separator;
  return interruptible([&](const base::Cancellation& cancellation) {
    const Paths paths = attribution::read_paths(given, cancellation);
    if (!rows) return attribution::attribution_table(attribution::attribute(paths, options, cancellation), options);
    std::vector<std::size_t> cases(paths.size());
    std::iota(cases.begin(), cases.end(), std::size_t{0});
    const auto customers = attribution::customers_of(**rows, cases, options.seed);
    return attribution::attribution_table(attribution::attribute(paths, options, cancellation, customers), options);
  });
}

base::Table attribute_log(const events::EventLog& log, const std::string& metric, const AttributionOptions& options) {
  return interruptible([&](const base::Cancellation& cancellation) {
    return attribution::attribution_table(attribution::attribute(log, metric, options, cancellation), options);
  });
}

}  // namespace

void register_attribution(py::module_& m) {
  py::class_<AttributionOptions>(m, "AttributionOptions")
      .def(py::init([](const std::string& model, unsigned order, std::vector<std::string> direct, double first_share,
                       double last_share, double half_life, const std::string& worth, std::size_t permutations,
                       std::optional<std::int64_t> replicates, double confidence, std::size_t top,
                       std::int64_t minimum_n, std::uint64_t seed, unsigned threads) {
             return AttributionOptions{model_named(model),
                                       order,
                                       {std::move(direct), first_share, last_share, half_life},
                                       worth_named(worth),
                                       permutations,
                                       replicates,
                                       confidence,
                                       top,
                                       minimum_n,
                                       seed,
                                       threads};
           }),
           py::kw_only(), py::arg("model"), py::arg("order"), py::arg("direct"), py::arg("first_share"),
           py::arg("last_share"), py::arg("half_life"), py::arg("worth"), py::arg("permutations"),
           py::arg("replicates"), py::arg("confidence"), py::arg("top"), py::arg("minimum_n"), py::arg("seed"),
           py::arg("threads"));
  m.def("attribute", &attribute, py::arg("columns"), py::arg("names"), py::arg("separator"), py::arg("options"),
        py::arg("rows") = py::none());
  m.def("attribute_log", &attribute_log, py::arg("log"), py::arg("metric"), py::arg("options"));
  m.def(
      "shapley_values", [](const std::vector<double>& worth) { return attribution::shapley_values(worth); },
      py::arg("worth"));
}

}  // namespace journeykit::bindings
