#include "journeykit/io/value.hpp"

namespace journeykit::io {

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::Null:
      return "null";
    case Kind::Boolean:
      return "true or false";
    case Kind::Integer:
      return "whole number";
    case Kind::Number:
      return "number";
    case Kind::Text:
      return "text";
    case Kind::List:
      return "array";
    case Kind::Record:
      return "object";
  }
  return "nothing";
}

Value::Value(const Value& other) {
  std::vector<std::pair<const Value*, Value*>> open{{&other, this}};
  const auto copy = [&open](const Value& from, Value& to) {
    if (from.array() != nullptr || from.object() != nullptr) {
      open.emplace_back(&from, &to);
    } else {
      to.data_ = from.data_;
    }
  };
  while (!open.empty()) {
    const auto [from, to] = open.back();
    open.pop_back();
    if (const Array* array = from->array()) {
      Array& made = to->data_.emplace<Array>(array->size());
      for (std::size_t k = 0; k < made.size(); ++k) copy((*array)[k], made[k]);
    } else if (const Object* object = from->object()) {
      Object& made = to->data_.emplace<Object>(object->size());
      for (std::size_t k = 0; k < made.size(); ++k) {
        made[k].key = (*object)[k].key;
        copy((*object)[k].value, made[k].value);
      }
    } else {
      to->data_ = from->data_;
    }
  }
}

Value& Value::operator=(const Value& other) {
  if (this != &other) *this = Value(other);
  return *this;
}

Value* Value::last_child() noexcept {
  if (Array* array = std::get_if<Array>(&data_)) return array->empty() ? nullptr : &array->back();
  if (Object* object = std::get_if<Object>(&data_)) return object->empty() ? nullptr : &object->back().value;
  return nullptr;
}

void Value::drop_last_child() noexcept {
  if (Array* array = std::get_if<Array>(&data_)) array->pop_back();
  if (Object* object = std::get_if<Object>(&data_)) object->pop_back();
}

// Takes the tree down without recursion and without memory: on the way down, the place of the child that is being
// taken down holds the way back (Schorr & Waite 1967).
Value::~Value() {
  if (last_child() == nullptr) return;
  Value current = std::move(*this);
  Value way_back;
  for (;;) {
    if (Value* child = current.last_child()) {
      if (child->last_child() == nullptr) {
        current.drop_last_child();
        continue;
      }
      Value next = std::move(*child);
      *child = std::move(way_back);
      way_back = std::move(current);
      current = std::move(next);
    } else if (Value* above = way_back.last_child()) {
      Value next = std::move(*above);
      way_back.drop_last_child();
      current = std::move(way_back);
      way_back = std::move(next);
    } else {
      return;
    }
  }
}

namespace {

template <class T>
bool same(const T* a, const T* b) {
  return a == nullptr || *a == *b;
}

bool same_plain(const Value& a, const Value& b) {  // of one kind
  return same(a.boolean(), b.boolean()) && same(a.integer(), b.integer()) && same(a.number(), b.number()) &&
         same(a.text(), b.text());
}

}  // namespace

bool Value::operator==(const Value& other) const {
  std::vector<std::pair<const Value*, const Value*>> open{{this, &other}};
  while (!open.empty()) {
    const auto [a, b] = open.back();
    open.pop_back();
    if (a->kind() != b->kind()) return false;
    if (const Array* left = a->array()) {
      const Array& right = *b->array();
      if (left->size() != right.size()) return false;
      for (std::size_t k = 0; k < right.size(); ++k) open.emplace_back(&(*left)[k], &right[k]);
    } else if (const Object* members = a->object()) {
      const Object& others = *b->object();
      if (members->size() != others.size()) return false;
      for (std::size_t k = 0; k < others.size(); ++k) {
        if ((*members)[k].key != others[k].key) return false;
        open.emplace_back(&(*members)[k].value, &others[k].value);
      }
    } else if (!same_plain(*a, *b)) {
      return false;
    }
  }
  return true;
}

}  // namespace journeykit::io
