// Elements to JSON values and back, by their field lists. For map_json, diff and merge; not for other rooms.
#pragma once

#include "journeykit/io/cursor.hpp"
#include "journeykit/journey/fields.hpp"

namespace journeykit::journey {

inline io::Value value_of(const std::string& text) { return io::Value(text); }
inline io::Value value_of(double number) { return io::Value(number); }
inline io::Value value_of(std::int64_t number) { return io::Value(number); }
inline io::Value value_of(Evidence evidence) { return io::Value(to_string(evidence)); }
inline io::Value value_of(Visibility visibility) { return io::Value(to_string(visibility)); }
template <class T>
io::Value value_of(const std::optional<T>& value);
template <class T>
io::Value value_of(const std::vector<T>& values);
template <class T, class List = decltype(Fields<T>::list)>
io::Value value_of(const T& element);

template <class T>
io::Value value_of(const std::optional<T>& value) {
  return value ? value_of(*value) : io::Value();
}

template <class T>
io::Value value_of(const std::vector<T>& values) {
  io::Array out;
  out.reserve(values.size());
  for (const T& value : values) out.push_back(value_of(value));
  return io::Value(std::move(out));
}

// True when a reader fills the field in by itself: it has its default, or the name is the id.
template <class T, class F>
bool implied(const T& element, const F& field) {
  static const T blank{};
  if (field.required) return false;
  if constexpr (requires { element.id; } && std::is_same_v<F, Field<T, std::string>>) {
    if (field.member == &T::name) return element.name == element.id;
  }
  return element.*field.member == blank.*field.member;
}

template <class T, class List>
io::Value value_of(const T& element) {
  io::Object out;
  for_each_field<T>([&](const auto& field) {
    if (!implied(element, field)) out.push_back({std::string(field.name), value_of(element.*field.member)});
  });
  return io::Value(std::move(out));
}

inline void read(const io::Cursor& at, std::string& out) { out = at.text(); }
inline void read(const io::Cursor& at, double& out) { out = at.number(); }
inline void read(const io::Cursor& at, std::int64_t& out) { out = at.integer(); }
void read(const io::Cursor& at, Evidence& out);
void read(const io::Cursor& at, Visibility& out);
template <class T>
void read(const io::Cursor& at, std::optional<T>& out);
template <class T>
void read(const io::Cursor& at, std::vector<T>& out);
template <class T, class List = decltype(Fields<T>::list)>
void read(const io::Cursor& at, T& out);

template <class T>
void read(const io::Cursor& at, std::optional<T>& out) {
  read(at, out.emplace());
}

template <class T>
void read(const io::Cursor& at, std::vector<T>& out) {
  out.resize(at.size());
  for (std::size_t k = 0; k < out.size(); ++k) read(at.at(k), out[k]);
}

template <class T, class List>
void read(const io::Cursor& at, T& out) {
  static const std::vector<std::string> names = field_names<T>();
  at.only(names);
  for_each_field<T>([&](const auto& field) {
    if (field.required) {
      read(at.at(field.name), out.*field.member);
    } else if (const std::optional<io::Cursor> value = at.find(field.name)) {
      read(*value, out.*field.member);
    }
  });
}

}  // namespace journeykit::journey
