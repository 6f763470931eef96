#include "journeykit/io/cursor.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "journeykit/base/error.hpp"
#include "journeykit/io/json.hpp"

namespace journeykit::io {
namespace {

std::string shown(const Value& value) {
  std::string out(to_string(value.kind()));
  if (const std::string* text = value.text()) return out + " " + base::quote_safe(*text);
  if (const std::int64_t* integer = value.integer()) return out + " " + std::to_string(*integer);
  if (const bool* boolean = value.boolean()) return *boolean ? "true" : "false";
  if (const double* number = value.number()) {
    std::string digits = write_json(Value(*number));
    digits.pop_back();  // the newline
    return out + " " + digits;
  }
  return out;
}

}  // namespace

std::string pointer_step(std::string_view key) {
  std::string escaped;
  for (const char c : base::quote_safe(key)) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped.substr(1, escaped.size() - 2);  // without the quotes
}

std::string Cursor::path() const {
  if (parent_ == nullptr) return "/";
  std::vector<const Cursor*> steps;
  for (const Cursor* step = this; step->parent_ != nullptr; step = step->parent_) steps.push_back(step);
  std::string out;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    out += "/" + ((*step)->index_ ? std::to_string(*(*step)->index_) : pointer_step((*step)->key_));
  }
  return out;
}

void Cursor::refuse(const std::string& why) const { throw base::InvalidInput(path() + ": " + why); }

void Cursor::refuse_kind(std::string_view expected) const {
  refuse("expected " + std::string(expected) + ", got " + shown(*value_));
}

bool Cursor::boolean() const {
  if (const bool* value = value_->boolean()) return *value;
  refuse_kind("true or false");
}

std::int64_t Cursor::integer() const {
  constexpr double exact = 9007199254740992.0;  // 2^53: below it every whole double is exact
  if (const std::int64_t* value = value_->integer()) return *value;
  if (const double* value = value_->number();
      value != nullptr && std::trunc(*value) == *value && std::fabs(*value) <= exact) {
    return static_cast<std::int64_t>(*value);
  }
  refuse_kind("a whole number");
}

double Cursor::number() const {
  if (const double* value = value_->number()) return *value;
  if (const std::int64_t* value = value_->integer()) return static_cast<double>(*value);
  refuse_kind("a number");
}

const std::string& Cursor::text() const {
  if (const std::string* value = value_->text()) return *value;
  refuse_kind("text");
}

std::size_t Cursor::size() const {
  if (const Array* array = value_->array()) return array->size();
  refuse_kind("an array");
}

Cursor Cursor::at(std::size_t k) const {
  if (k >= size()) refuse("has no element " + std::to_string(k));
  return Cursor((*value_->array())[k], *this, k);
}

std::optional<Cursor> Cursor::find(std::string_view key) const {
  const Object* object = value_->object();
  if (object == nullptr) refuse_kind("an object");
  const auto member = std::find_if(object->begin(), object->end(), [&](const Member& m) { return m.key == key; });
  if (member == object->end()) return std::nullopt;
  return Cursor(member->value, *this, member->key);
}

Cursor Cursor::at(std::string_view key) const {
  if (std::optional<Cursor> found = find(key)) return *found;
  refuse("field " + base::quote_safe(key) + " is missing");
}

void Cursor::only(std::span<const std::string> keys) const {
  const Object* object = value_->object();
  if (object == nullptr) refuse_kind("an object");
  for (const Member& member : *object) {
    if (std::find(keys.begin(), keys.end(), member.key) != keys.end()) continue;
    refuse("unknown field " + base::quote_safe(member.key) +
           "; nearest: " + base::quote_safe(base::nearest(member.key, keys)));
  }
}

}  // namespace journeykit::io
