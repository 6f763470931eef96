#include <map>

#include "common.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/events/arrow.hpp"
#include "journeykit/events/operations.hpp"
#include "journeykit/events/partition.hpp"
#include "nanoarrow/nanoarrow.h"

namespace journeykit::bindings {
namespace {

using events::EventLog;
using events::MetricKind;

constexpr std::array<std::pair<const char*, MetricKind>, 4> kMetricKinds = {
    {{"nps", MetricKind::Nps}, {"csat", MetricKind::Csat}, {"ces", MetricKind::Ces}, {"number", MetricKind::Number}}};

MetricKind metric_kind(const std::string& name) {
  for (const auto& [known, kind] : kMetricKinds) {
    if (name == known) return kind;
  }
  throw base::NotFound("metric kind " + base::quote_safe(name) + " is not known (nps, csat, ces, number)");
}

const char* metric_kind_name(MetricKind kind) {
  for (const auto& [name, known] : kMetricKinds) {
    if (kind == known) return name;
  }
  return "number";
}

events::Role role_named(const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < events::kRoleCount; ++k) {
    const auto role = static_cast<events::Role>(k);
    if (events::to_string(role) == name) return role;
    names.emplace_back(events::to_string(role));
  }
  throw base::NotFound(base::not_found_message("role", name, "the engine", names));
}

std::vector<std::uint8_t> mask(const py::buffer& buffer) {
  const py::buffer_info info = buffer.request();
  if (info.ndim != 1 || info.itemsize != 1 || (info.size > 1 && info.strides[0] != 1)) {
    throw base::InvalidInput("a selection is one row of booleans or bytes, one per event or case");
  }
  const auto* bytes = static_cast<const std::uint8_t*>(info.ptr);
  return {bytes, bytes + info.size};
}

py::dict quality(const EventLog& log) {
  const events::Quality& q = log.quality();
  py::dict out;
  out["rows_read"] = q.rows_read;
  out["rows_dropped"] = q.rows_dropped;
  out["duplicate_events"] = q.duplicate_events;
  out["tied_events"] = q.tied_events;
  out["out_of_order_rows"] = q.out_of_order_rows;
  out["ends_before_start"] = q.ends_before_start;
  py::dict missing, out_of_scale;
  for (const auto& [column, count] : q.missing) missing[py::str(column)] = count;
  for (const auto& [metric, count] : q.out_of_scale) out_of_scale[py::str(metric)] = count;
  out["missing"] = missing;
  out["out_of_scale"] = out_of_scale;
  return out;
}

EventLog read_events(const py::object& source, const std::map<std::string, std::string>& roles,
                     std::vector<events::Metric> metrics, std::vector<std::string> completed,
                     std::vector<std::string> failed, std::optional<std::int64_t> idle_ns, bool drop_missing,
                     std::vector<std::string> as_text, std::vector<std::string> missing) {
  events::LogOptions options;
  for (const auto& [role, column] : roles) options.role(role_named(role)) = column;
  options.metrics = std::move(metrics);
  options.endings = {std::move(completed), std::move(failed), idle_ns, idle_ns.has_value()};
  options.drop_missing = drop_missing;
  base::Table table = read_table(source, std::move(as_text), std::move(missing));
  return interruptible([&](const base::Cancellation& cancellation) {
    EventLog log = EventLog::make(std::move(table), std::move(options), cancellation);
    events::check_endings(log);
    return log;
  });
}

// A new log from an old one; Ctrl-C is heard.
template <class Make>
EventLog derived(Make&& make) {
  return interruptible([&](const base::Cancellation& cancellation) { return make(cancellation); });
}

// A log as it was, from its own rows: unlike read_events it takes the limits that were worked out before.
EventLog restore_log(const py::object& source, const std::map<std::string, std::string>& roles,
                     std::vector<events::Metric> metrics, std::vector<std::string> completed,
                     std::vector<std::string> failed, std::int64_t idle_ns, bool idle_given,
                     std::int64_t observed_until_ns) {
  events::LogOptions options;
  for (const auto& [role, column] : roles) options.role(role_named(role)) = column;
  options.metrics = std::move(metrics);
  options.endings = {std::move(completed), std::move(failed), idle_ns, idle_given};
  options.observed_until_ns = observed_until_ns;
  base::Table table = read_table(source, {});
  return derived([&](const auto& c) { return EventLog::make(std::move(table), std::move(options), c); });
}

void register_log(py::module_& m) {
  const auto release = py::call_guard<py::gil_scoped_release>();
  py::class_<EventLog>(m, "EventLog")
      .def_property_readonly("event_count", &EventLog::event_count)
      .def_property_readonly("case_count", &EventLog::case_count)
      .def_property_readonly("touchpoint_names", &EventLog::touchpoint_names)
      .def_property_readonly("roles",
                             [](const EventLog& log) {
                               py::dict out;
                               for (std::size_t k = 0; k < events::kRoleCount; ++k) {
                                 const auto role = static_cast<events::Role>(k);
                                 if (log.has(role))
                                   out[py::str(std::string(events::to_string(role)))] = *log.options().role(role);
                               }
                               return out;
                             })
      .def_property_readonly("metrics", [](const EventLog& log) { return log.options().metrics; })
      .def_property_readonly("completed", [](const EventLog& log) { return log.options().endings.completed; })
      .def_property_readonly("failed", [](const EventLog& log) { return log.options().endings.failed; })
      .def_property_readonly("idle_ns", &EventLog::idle_limit_ns)
      .def_property_readonly("idle_given", [](const EventLog& log) { return log.options().endings.idle_given; })
      .def_property_readonly("observed_until_ns", &EventLog::observed_until_ns)
      .def_property_readonly("quality", &quality)
      .def("table", &EventLog::table, py::return_value_policy::copy)
      .def("cases", &events::case_table, release)
      .def("select_events",
           [](const EventLog& log, const py::buffer& keep) {
             return derived([&, chosen = mask(keep)](const auto& c) { return events::select_events(log, chosen, c); });
           })
      .def("select_cases",
           [](const EventLog& log, const py::buffer& keep) {
             return derived([&, chosen = mask(keep)](const auto& c) { return events::select_cases(log, chosen, c); });
           })
      .def(
          "with_touchpoints",
          [](const EventLog& log, const std::vector<std::string>& names) {
            return derived([&](const auto& c) { return events::with_touchpoints(log, names, c); });
          },
          py::arg("names"))
      .def(
          "with_column",
          [](const EventLog& log, const py::object& one_column) {
            base::Table table = read_table(one_column, {});
            if (table.columns.size() != 1)
              throw base::InvalidInput("with_column takes a table of one column, got " +
                                       std::to_string(table.columns.size()));
            return derived([&](const auto& c) {
              return events::with_column(log, table.columns[0].name, *table.columns[0].values, c);
            });
          },
          py::arg("one_column"))
      .def(
          "with_metric",
          [](const EventLog& log, const events::Metric& metric) {
            return derived([&](const auto& c) { return events::with_metric(log, metric, c); });
          },
          py::arg("metric"))
      .def(
          "with_endings",
          [](const EventLog& log, std::vector<std::string> completed, std::vector<std::string> failed,
             std::optional<std::int64_t> idle_ns) {
            return derived([&](const auto& c) {
              return events::with_endings(log, {std::move(completed), std::move(failed), idle_ns, idle_ns.has_value()},
                                          c);
            });
          },
          py::arg("completed"), py::arg("failed"), py::arg("idle_ns"))
      .def(
          "with_observed_until",
          [](const EventLog& log, std::int64_t until_ns) {
            return derived([&](const auto& c) { return events::with_observed_until(log, until_ns, c); });
          },
          py::arg("until_ns"))
      .def("collapse_repeats",
           [](const EventLog& log) { return derived([&](const auto& c) { return events::collapse_repeats(log, c); }); })
      .def(
          "sessions",
          [](const EventLog& log, std::int64_t gap_ns) {
            return derived([&](const auto& c) { return events::sessions(log, gap_ns, c); });
          },
          py::arg("gap_ns"))
      .def(
          "sample",
          [](const EventLog& log, std::size_t cases, std::uint64_t seed) {
            return derived([&](const auto& c) { return events::sample(log, cases, seed, c); });
          },
          py::arg("cases"), py::arg("seed"))
      .def(
          "events_with",
          [](const EventLog& log, const std::string& column, const std::vector<std::string>& values) {
            const auto found = events::events_with(log, column, values);
            return py::bytes(reinterpret_cast<const char*>(found.data()), found.size());
          },
          py::arg("column"), py::arg("values"));
}

void register_parts(py::module_& m) {
  m.def(
      "partition_rows",
      [](const py::object& one_column, std::uint64_t parts) {
        const base::Table table = read_table(one_column, {});
        if (table.columns.size() != 1) throw base::InvalidInput("partition_rows takes a table of one column");
        auto found = interruptible([&](const base::Cancellation&) {
          events::Partition partition = events::partition_rows(*table.columns[0].values, parts);
          base::Table rows;
          rows.add("row", base::Integers{std::move(partition.rows)});
          return std::pair(std::move(rows), std::move(partition.offsets));
        });
        return py::make_tuple(std::move(found.first), std::move(found.second));
      },
      py::arg("one_column"), py::arg("parts"));
  py::class_<events::CaseSet>(m, "CaseSet")
      .def(py::init<>())
      .def("add", &events::CaseSet::add, py::arg("log"), py::call_guard<py::gil_scoped_release>());
}

}  // namespace

ArrowStream::ArrowStream(const py::object& source)
    : capsule(source.attr("__arrow_c_stream__")().cast<py::capsule>()),
      stream(capsule.get_pointer<ArrowArrayStream>()) {}

base::Table read_table(const py::object& source, std::vector<std::string> as_text, std::vector<std::string> missing) {
  const ArrowStream arrow(source);
  const events::ArrowReading how{std::move(as_text), std::move(missing)};
  return interruptible(
      [&](const base::Cancellation& cancellation) { return events::read_arrow(arrow.stream, how, cancellation); });
}

void register_events(py::module_& m) {
  py::class_<events::Metric>(m, "Metric")
      .def(py::init([](std::string name, std::string column, const std::string& kind, double low, double high,
                       bool high_is_good) {
             return events::Metric{std::move(name), std::move(column), metric_kind(kind), low, high, high_is_good};
           }),
           py::arg("name"), py::arg("column"), py::arg("kind"), py::arg("low"), py::arg("high"),
           py::arg("high_is_good"))
      .def_readonly("name", &events::Metric::name)
      .def_readonly("column", &events::Metric::column)
      .def_property_readonly("kind", [](const events::Metric& metric) { return metric_kind_name(metric.kind); })
      .def_readonly("low", &events::Metric::low)
      .def_readonly("high", &events::Metric::high)
      .def_readonly("high_is_good", &events::Metric::high_is_good);
  register_log(m);
  register_parts(m);
  m.def("read_events", &read_events, py::arg("source"), py::arg("roles"), py::arg("metrics"), py::arg("completed"),
        py::arg("failed"), py::arg("idle_ns"), py::arg("drop_missing"), py::arg("as_text"), py::arg("missing"));
  m.def("restore_log", &restore_log, py::arg("source"), py::arg("roles"), py::arg("metrics"), py::arg("completed"),
        py::arg("failed"), py::arg("idle_ns"), py::arg("idle_given"), py::arg("observed_until_ns"));
}

}  // namespace journeykit::bindings
