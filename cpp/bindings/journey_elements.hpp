// Elements of a map from and to Python, by their field lists: any object with attributes of these names in, a tuple in
// field order out. The facade (journeykit.journey.elements) makes the value objects.
#pragma once

#include "common.hpp"
#include "journeykit/io/value.hpp"
#include "journeykit/journey/fields.hpp"

namespace journeykit::bindings {

inline void from_python(const py::handle& in, std::string& out) { out = in.cast<std::string>(); }
inline void from_python(const py::handle& in, double& out) { out = in.cast<double>(); }
inline void from_python(const py::handle& in, std::int64_t& out) { out = in.cast<std::int64_t>(); }
inline void from_python(const py::handle& in, journey::Evidence& out) {
  out = journey::evidence_named(in.cast<std::string>());
}
inline void from_python(const py::handle& in, journey::Visibility& out) {
  out = journey::visibility_named(in.cast<std::string>());
}
template <class T>
void from_python(const py::handle& in, std::optional<T>& out);
template <class T>
void from_python(const py::handle& in, std::vector<T>& out);
template <class T, class List = decltype(journey::Fields<T>::list)>
void from_python(const py::handle& in, T& out);

template <class T>
void from_python(const py::handle& in, std::optional<T>& out) {
  if (!in.is_none()) from_python(in, out.emplace());
}

template <class T>
void from_python(const py::handle& in, std::vector<T>& out) {
  for (const py::handle one : in) from_python(one, out.emplace_back());
}

template <class T, class List>
void from_python(const py::handle& in, T& out) {
  journey::for_each_field<T>([&](const auto& field) {
    from_python(in.attr(py::str(field.name.data(), field.name.size())), out.*field.member);
  });
}

template <class T>
T from_python(const py::handle& in) {
  T out;
  from_python(in, out);
  return out;
}

inline py::object to_python(const std::string& value) { return py::str(value); }
inline py::object to_python(double value) { return py::float_(value); }
inline py::object to_python(std::int64_t value) { return py::int_(value); }
inline py::object to_python(journey::Evidence value) { return py::str(std::string(journey::to_string(value))); }
inline py::object to_python(journey::Visibility value) { return py::str(std::string(journey::to_string(value))); }
template <class T>
py::object to_python(const std::optional<T>& value);
template <class T>
py::object to_python(const std::vector<T>& values);
template <class T, class List = decltype(journey::Fields<T>::list)>
py::object to_python(const T& element);

template <class T>
py::object to_python(const std::optional<T>& value) {
  if (!value) return py::none();
  return to_python(*value);
}

template <class T>
py::object to_python(const std::vector<T>& values) {
  py::tuple out(values.size());
  for (std::size_t k = 0; k < values.size(); ++k) out[k] = to_python(values[k]);
  return out;
}

template <class T, class List>
py::object to_python(const T& element) {
  py::tuple out(std::tuple_size_v<std::remove_cv_t<List>>);
  std::size_t k = 0;
  journey::for_each_field<T>([&](const auto& field) { out[k++] = to_python(element.*field.member); });
  return out;
}

}  // namespace journeykit::bindings
