#include "journey_elements.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/journey/diff.hpp"
#include "journeykit/journey/map_json.hpp"
#include "journeykit/journey/merge.hpp"
#include "journeykit/journey/query.hpp"
#include "journeykit/journey/validate.hpp"

namespace journeykit::bindings {
namespace {

using journey::JourneyMap;

template <class T>
void add_all(JourneyMap& map, const py::iterable& elements) {
  std::vector<T> read;
  for (const py::handle one : elements) read.push_back(from_python<T>(one));
  interruptible([&](const base::Cancellation& cancellation) {
    for (T& element : read) {
      cancellation.check();
      map.add(std::move(element));
    }
  });
}

template <class T, class Class>
void bind_edits(Class& bound, const char* add, const char* put) {
  bound.def(add, [](JourneyMap& map, const py::object& element) { map.add(from_python<T>(element)); });
  bound.def(put, [](JourneyMap& map, const py::object& element) { map.put(from_python<T>(element)); });
}

// Values of maps are a few levels deep.
py::object plain(const io::Value& value) {
  if (const bool* boolean = value.boolean()) return py::bool_(*boolean);
  if (const std::int64_t* integer = value.integer()) return py::int_(*integer);
  if (const double* number = value.number()) return py::float_(*number);
  if (const std::string* text = value.text()) return py::str(*text);
  if (const io::Array* array = value.array()) {
    py::list out;
    for (const io::Value& one : *array) out.append(plain(one));
    return out;
  }
  if (const io::Object* object = value.object()) {
    py::dict out;
    for (const io::Member& member : *object) out[py::str(member.key)] = plain(member.value);
    return out;
  }
  return py::none();
}

// Called now and then while many Python objects are made, with the GIL.
void hear_signals(std::size_t made) {
  constexpr std::size_t between_questions = 4096;
  if (made % between_questions == 0 && PyErr_CheckSignals() != 0) throw py::error_already_set();
}

std::vector<py::tuple> validate(const JourneyMap& map, const journey::Folding& folding) {
  std::vector<py::tuple> out;
  const auto work = [&](const base::Cancellation& cancellation) {
    return journey::validate(map, folding, cancellation);
  };
  for (const journey::Finding& f : interruptible(work)) {
    hear_signals(out.size());
    out.push_back(
        py::make_tuple(journey::to_string(f.severity), f.rule, f.element, f.id, f.path, f.message, f.way_out));
  }
  return out;
}

std::vector<py::tuple> diff(const JourneyMap& before, const JourneyMap& after) {
  std::vector<py::tuple> out;
  const auto work = [&](const base::Cancellation& cancellation) { return journey::diff(before, after, cancellation); };
  for (const journey::Change& c : interruptible(work)) {
    hear_signals(out.size());
    out.push_back(py::make_tuple(journey::to_string(c.kind), c.element, c.id, c.target, c.field, plain(c.before),
                                 plain(c.after)));
  }
  return out;
}

py::tuple merge(const JourneyMap& base, const JourneyMap& ours, const JourneyMap& theirs,
                const std::optional<std::string>& prefer) {
  std::optional<journey::Side> side;
  if (prefer) side = journey::side_named(*prefer);
  journey::MergeResult merged = interruptible(
      [&](const base::Cancellation& cancellation) { return journey::merge(base, ours, theirs, side, cancellation); });
  std::vector<py::tuple> conflicts;
  for (const journey::Conflict& c : merged.conflicts) {
    conflicts.push_back(
        py::make_tuple(c.element, c.id, c.target, c.field, plain(c.base), plain(c.ours), plain(c.theirs)));
  }
  return py::make_tuple(std::move(merged.map), conflicts);
}

void bind_questions(py::module_& m) {
  m.def("validate_map", &validate);
  m.def("diff_maps", &diff);
  m.def("merge_maps", &merge);
  m.def("reachable_from", &journey::reachable_from, py::call_guard<py::gil_scoped_release>());
  m.def("leading_to", &journey::leading_to, py::call_guard<py::gil_scoped_release>());
  m.def("touchpoints_where",
        [](const JourneyMap& map, std::optional<std::string> stage, std::optional<std::string> scene,
           std::optional<std::string> channel, std::optional<std::string> department, std::optional<std::string> tag,
           std::optional<std::string> owner, const std::optional<std::string>& visibility,
           const std::optional<std::string>& evidence) {
          journey::Where where{std::move(stage),      std::move(scene), std::move(channel),
                               std::move(department), std::move(tag),   std::move(owner)};
          if (visibility) where.visibility = journey::visibility_named(*visibility);
          if (evidence) where.evidence = journey::evidence_named(*evidence);
          return journey::touchpoints_where(map, where);
        });
}

void bind_map(py::module_& m) {
  py::class_<JourneyMap> map(m, "JourneyMap");
  map.def(py::init([](const py::object& about) { return JourneyMap(from_python<journey::About>(about)); }));
  map.def(
      "copy", [](const JourneyMap& self) { return JourneyMap(self); }, py::call_guard<py::gil_scoped_release>());
  map.def("extend",
          [](JourneyMap& self, const py::iterable& stages, const py::iterable& scenes, const py::iterable& touchpoints,
             const py::iterable& transitions, const py::iterable& failure_points) {
            add_all<journey::Stage>(self, stages);
            add_all<journey::Scene>(self, scenes);
            add_all<journey::Touchpoint>(self, touchpoints);
            add_all<journey::Transition>(self, transitions);
            add_all<journey::FailurePoint>(self, failure_points);
          });

  map.def_property_readonly("about", [](const JourneyMap& self) { return to_python(self.about()); });
  map.def_property_readonly("stages", [](const JourneyMap& self) { return to_python(self.stages()); });
  map.def_property_readonly("scenes", [](const JourneyMap& self) { return to_python(self.scenes()); });
  map.def_property_readonly("touchpoints", [](const JourneyMap& self) { return to_python(self.touchpoints()); });
  map.def_property_readonly("transitions", [](const JourneyMap& self) { return to_python(self.transitions()); });
  map.def_property_readonly("failure_points", [](const JourneyMap& self) { return to_python(self.failure_points()); });
  map.def_property_readonly("touchpoint_count", &JourneyMap::touchpoint_count);
  map.def_property_readonly("transition_count", &JourneyMap::transition_count);

  map.def("stage", [](const JourneyMap& self, const std::string& id) { return to_python(self.stage(id)); });
  map.def("scene", [](const JourneyMap& self, const std::string& id) { return to_python(self.scene(id)); });
  map.def("touchpoint", [](const JourneyMap& self, const std::string& id) { return to_python(self.touchpoint(id)); });
  map.def("transition", [](const JourneyMap& self, const std::string& source, const std::string& target) {
    return to_python(self.transition(source, target));
  });
  map.def("failure_point",
          [](const JourneyMap& self, const std::string& id) { return to_python(self.failure_point(id)); });
  map.def("has_touchpoint", [](const JourneyMap& self, const std::string& id) { return self.has_touchpoint(id); });
  map.def("has_transition", [](const JourneyMap& self, const std::string& source, const std::string& target) {
    return self.has_transition(source, target);
  });
  map.def("successors", [](const JourneyMap& self, const std::string& id) { return to_python(self.successors(id)); });
  map.def("predecessors",
          [](const JourneyMap& self, const std::string& id) { return to_python(self.predecessors(id)); });

  map.def("set_about",
          [](JourneyMap& self, const py::object& about) { self.set_about(from_python<journey::About>(about)); });
  bind_edits<journey::Stage>(map, "add_stage", "put_stage");
  bind_edits<journey::Scene>(map, "add_scene", "put_scene");
  bind_edits<journey::Touchpoint>(map, "add_touchpoint", "put_touchpoint");
  bind_edits<journey::Transition>(map, "add_transition", "put_transition");
  bind_edits<journey::FailurePoint>(map, "add_failure_point", "put_failure_point");
  map.def("remove_stage", [](JourneyMap& self, const std::string& id, bool all) { self.remove_stage(id, all); });
  map.def("remove_scene", [](JourneyMap& self, const std::string& id, bool all) { self.remove_scene(id, all); });
  map.def("remove_touchpoint",
          [](JourneyMap& self, const std::string& id, bool all) { self.remove_touchpoint(id, all); });
  map.def("remove_transition", [](JourneyMap& self, const std::string& source, const std::string& target, bool all) {
    self.remove_transition(source, target, all);
  });
  map.def("remove_failure_point", [](JourneyMap& self, const std::string& id) { self.remove_failure_point(id); });
  map.def("rename_touchpoint", [](JourneyMap& self, const std::string& id, std::string new_id) {
    self.rename_touchpoint(id, std::move(new_id));
  });
  map.def("order_stages", &JourneyMap::order_stages);
  map.def("equals", &JourneyMap::operator==, py::call_guard<py::gil_scoped_release>());

  map.def("to_json", [](const JourneyMap& self) {
    return interruptible([&](const base::Cancellation& cancellation) { return journey::to_json(self, cancellation); });
  });
  map.def_static(
      "from_json", [](const py::bytes& text, std::size_t bytes, std::size_t touchpoints, std::size_t transitions) {
        const std::string_view view = text;  // immutable, and held by the caller
        const journey::MapLimits limits{{.bytes = bytes}, touchpoints, transitions};
        return interruptible(
            [&](const base::Cancellation& cancellation) { return journey::from_json(view, limits, cancellation); });
      });
  map.def("save", [](const JourneyMap& self, const py::bytes& path) {
    const std::string name = path;
    interruptible([&](const base::Cancellation& cancellation) { journey::save(self, name, cancellation); });
  });
  map.def_static(
      "load", [](const py::bytes& path, std::size_t bytes, std::size_t touchpoints, std::size_t transitions) {
        const std::string name = path;
        const journey::MapLimits limits{{.bytes = bytes}, touchpoints, transitions};
        return interruptible(
            [&](const base::Cancellation& cancellation) { return journey::load(name, limits, cancellation); });
      });
}

}  // namespace

void register_journey(py::module_& m) {
  bind_map(m);
  bind_questions(m);
  m.def("element_fields", [] {
    py::dict out;
    out["TimeSummary"] = journey::field_names<journey::TimeSummary>();
    out["MetricSummary"] = journey::field_names<journey::MetricSummary>();
    out["TouchpointStatistics"] = journey::field_names<journey::TouchpointStatistics>();
    out["About"] = journey::field_names<journey::About>();
    out["Stage"] = journey::field_names<journey::Stage>();
    out["Scene"] = journey::field_names<journey::Scene>();
    out["Touchpoint"] = journey::field_names<journey::Touchpoint>();
    out["Transition"] = journey::field_names<journey::Transition>();
    out["FailurePoint"] = journey::field_names<journey::FailurePoint>();
    return out;
  });
}

}  // namespace journeykit::bindings
