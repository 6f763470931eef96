// Errors by what the caller can do about them. Every message says what, got, expected and the way out;
// the data of the user is quoted through quote_safe() only. Python sees each class under the same name.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace journeykit::base {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct InvalidInput : Error {  // the data or an argument breaks a rule: change the input
  using Error::Error;
};
struct NotFound : Error {  // a name is not there: choose another
  using Error::Error;
};
struct NotConverged : Error {  // an iteration gave no answer: loosen it or choose another method
  using Error::Error;
};
struct Unsupported : Error {  // valid, but beyond what this version does
  using Error::Error;
};
struct Cancelled : Error {  // the caller asked to stop; nothing was changed
  using Error::Error;
};

// `text` in single quotes, control and bidirectional characters escaped, cut to `limit` characters.
std::string quote_safe(std::string_view text, std::size_t limit = 80);

// The candidate with the smallest edit distance to `name`; empty when there is none.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

// "touchpoint 'pay' is not in the map (12 touchpoints; nearest: 'payment')".
std::string not_found_message(std::string_view kind, std::string_view name, std::string_view place,
                              std::span<const std::string> candidates);

// True when `text` is well-formed UTF-8 without surrogates.
bool valid_utf8(std::string_view text);

}  // namespace journeykit::base
