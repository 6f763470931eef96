// A JSON value as the engine holds it: whole numbers stay whole, members keep their order. Copy, comparison and
// destruction do not recurse, so that depth costs no stack.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace journeykit::io {

class Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;  // in document order; parse_json() lets no key stand twice

enum class Kind : std::uint8_t { Null, Boolean, Integer, Number, Text, List, Record };
std::string_view to_string(Kind kind);

class Value {
 public:
  Value() noexcept;  // null
  explicit Value(bool value) noexcept;
  explicit Value(std::int64_t value) noexcept;
  explicit Value(double value) noexcept;
  explicit Value(std::string value) noexcept;
  explicit Value(std::string_view value);
  explicit Value(Array value) noexcept;
  explicit Value(Object value) noexcept;
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  Kind kind() const noexcept { return static_cast<Kind>(data_.index()); }
  // nullptr when the value is of another kind; Cursor (cursor.hpp) is the checked way in.
  const bool* boolean() const noexcept { return std::get_if<bool>(&data_); }
  const std::int64_t* integer() const noexcept { return std::get_if<std::int64_t>(&data_); }
  const double* number() const noexcept { return std::get_if<double>(&data_); }
  const std::string* text() const noexcept { return std::get_if<std::string>(&data_); }
  const Array* array() const noexcept { return std::get_if<Array>(&data_); }
  const Object* object() const noexcept { return std::get_if<Object>(&data_); }
  Array* array() noexcept { return std::get_if<Array>(&data_); }
  Object* object() noexcept { return std::get_if<Object>(&data_); }

  bool operator==(const Value& other) const;

 private:
  Value* last_child() noexcept;
  void drop_last_child() noexcept;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

struct Member {
  std::string key;
  Value value;
};

// Here, where Member is complete.
inline Value::Value() noexcept = default;
inline Value::Value(bool value) noexcept : data_(value) {}
inline Value::Value(std::int64_t value) noexcept : data_(value) {}
inline Value::Value(double value) noexcept : data_(value) {}
inline Value::Value(std::string value) noexcept : data_(std::move(value)) {}
inline Value::Value(std::string_view value) : data_(std::string(value)) {}
inline Value::Value(Array value) noexcept : data_(std::move(value)) {}
inline Value::Value(Object value) noexcept : data_(std::move(value)) {}
inline Value::Value(Value&& other) noexcept = default;
inline Value& Value::operator=(Value&& other) noexcept = default;

}  // namespace journeykit::io
