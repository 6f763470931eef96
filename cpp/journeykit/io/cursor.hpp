// A value and where it stands: the checked way to read a document. Each error begins with the JSON pointer, as in
// "/touchpoints/3/stage: expected text, got whole number 5". A cursor points at its parent: keep the parent alive.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "journeykit/io/value.hpp"

namespace journeykit::io {

// `key` as one step of a JSON pointer (RFC 6901), invisible characters escaped, cut to 80 characters.
std::string pointer_step(std::string_view key);

class Cursor {
 public:
  explicit Cursor(const Value& root) : value_(&root) {}

  const Value& value() const { return *value_; }
  std::string path() const;                                // "/" for the whole document
  [[noreturn]] void refuse(const std::string& why) const;  // InvalidInput "<path>: <why>"

  bool boolean() const;
  std::int64_t integer() const;  // also 3.0, as in JSON Schema; 3.5 is refused
  double number() const;
  const std::string& text() const;

  std::size_t size() const;                                // of an array
  Cursor at(std::size_t k) const;                          // k < size()
  std::optional<Cursor> find(std::string_view key) const;  // member of an object
  Cursor at(std::string_view key) const;                   // refuses when it is missing
  void only(std::span<const std::string> keys) const;      // refuses any other member, naming the nearest key

 private:
  Cursor(const Value& value, const Cursor& parent, std::string_view key)
      : value_(&value), parent_(&parent), key_(key) {}
  Cursor(const Value& value, const Cursor& parent, std::size_t index)
      : value_(&value), parent_(&parent), index_(index) {}
  [[noreturn]] void refuse_kind(std::string_view expected) const;

  const Value* value_;
  const Cursor* parent_ = nullptr;
  std::string_view key_;
  std::optional<std::size_t> index_;
};

}  // namespace journeykit::io
