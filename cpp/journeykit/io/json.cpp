#include "journeykit/io/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "journeykit/base/error.hpp"
#include "journeykit/io/cursor.hpp"

namespace journeykit::io {
namespace {

std::string place(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');  // npos + 1 == 0
  return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - (start + 1));
}

// What the parser expected, without the user's data that its message carries.
std::string reason(std::string_view message) {
  message = message.substr(0, message.find("; last read"));  // behind it stand the user's bytes
  const std::size_t expected = message.rfind("; expected ");
  if (expected != std::string_view::npos) return std::string(message.substr(expected + 2));
  const std::size_t from = message.find(" - ");
  if (from == std::string_view::npos) return "the syntax is wrong";
  return std::string(message.substr(from + 3));
}

class Builder {  // nlohmann's SAX interface
 public:
  Builder(std::string_view text, const JsonLimits& limits, const base::Cancellation& cancellation)
      : text_(text), limits_(limits), cancellation_(cancellation) {}
  Value take() { return std::move(root_); }

  bool null() { return add(Value()); }
  bool boolean(bool value) { return add(Value(value)); }
  bool number_integer(std::int64_t value) { return add(Value(value)); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) refuse_integer();
    return add(Value(static_cast<std::int64_t>(value)));
  }
  bool number_float(double value, const std::string& token) {
    if (token.find_first_of(".eE") == std::string::npos) refuse_integer();
    return add(Value(value));
  }
  bool string(std::string& value) { return add(Value(std::move(value))); }
  bool binary(nlohmann::json::binary_t& /*value*/) { return false; }
  bool start_object(std::size_t /*size*/) { return open(Value(Object{})); }
  bool start_array(std::size_t /*size*/) { return open(Value(Array{})); }
  bool end_array() { return close(); }
  bool end_object() {
    refuse_repeated_keys(*open_.back().object());
    return close();
  }
  bool key(std::string& value) {
    open_.back().object()->push_back({std::move(value), Value()});
    return true;
  }
  bool parse_error(std::size_t byte, const std::string& /*token*/, const nlohmann::json::exception& error) {
    if (error.id == 406) {
      throw base::InvalidInput("JSON " + path() +
                               ": this number is beyond the range of a double (about 1.8e308); write a smaller one");
    }
    if (byte > text_.size()) {
      throw base::InvalidInput("JSON: the text ends too early, at " + place(text_, text_.size()) + "; " +
                               reason(error.what()));
    }
    throw base::InvalidInput("JSON: not valid at " + place(text_, byte) + "; " + reason(error.what()));
  }

 private:
  bool add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Array* array = open_.back().array()) {
      array->push_back(std::move(value));
    } else {
      open_.back().object()->back().value = std::move(value);
    }
    return true;
  }

  bool open(Value value) {
    cancellation_.check();
    if (open_.size() >= limits_.depth) {
      throw base::InvalidInput("JSON: nested deeper than " + std::to_string(limits_.depth) +
                               " levels; flatten the document or raise the depth limit");
    }
    open_.push_back(std::move(value));
    return true;
  }

  bool close() {
    Value value = std::move(open_.back());
    open_.pop_back();
    return add(std::move(value));
  }

  // Of the value that is being read; of what holds it with `above` 1.
  std::string path(std::size_t above = 0) const {
    std::string out;
    for (std::size_t k = 0; k + above < open_.size(); ++k) {
      const Value& value = open_[k];
      if (const Array* array = value.array()) {
        out += "/" + std::to_string(array->size());
      } else if (!value.object()->empty()) {
        out += "/" + pointer_step(value.object()->back().key);
      }
    }
    return out.empty() ? "/" : out;
  }

  [[noreturn]] void refuse_integer() const {
    throw base::InvalidInput("JSON " + path() +
                             ": this whole number does not fit into 64 bits (−2^63 … 2^63−1); write it with a decimal "
                             "point when a rounded number will do, or as text");
  }

  // Sorted, not hashed: keys chosen to collide cost nothing extra.
  void refuse_repeated_keys(const Object& object) const {
    std::vector<std::string_view> keys;
    keys.reserve(object.size());
    for (const Member& member : object) keys.emplace_back(member.key);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice == keys.end()) return;
    throw base::InvalidInput("JSON: key " + base::quote_safe(*twice) + " stands twice in the object " + path(1) +
                             "; keep one of them");
  }

  std::string_view text_;
  const JsonLimits& limits_;
  const base::Cancellation& cancellation_;
  Value root_;
  std::vector<Value> open_;
};

void refuse_bytes(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    throw base::InvalidInput("JSON: " + std::to_string(text.size()) + " bytes are more than the limit of " +
                             std::to_string(limits.bytes) + "; raise the limit or split the document");
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
      text.starts_with(std::string_view("\0\0\xFE\xFF", 4))) {
    throw base::InvalidInput("JSON: the text is UTF-16 or UTF-32; save it as UTF-8");
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    throw base::InvalidInput("JSON: NUL byte at " + place(text, nul + 1) +
                             "; save the text as UTF-8 without NUL bytes");
  }
  if (!base::valid_utf8(text)) throw base::InvalidInput("JSON: the text is not valid UTF-8; save it as UTF-8");
}

void write_text(std::string& out, std::string_view text) {
  if (!base::valid_utf8(text))
    throw base::InvalidInput("JSON: text " + base::quote_safe(text) + " is not valid UTF-8 and cannot be written");
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) {
          out += "\\u00";
          out += digits[byte >> 4U];
          out += digits[byte & 0xFU];
        } else {
          out += c;
        }
      }
    }
  }
  out += '"';
}

void write_number(std::string& out, double value) {
  if (!std::isfinite(value))
    throw base::InvalidInput("JSON: NaN and infinity cannot be written; leave the field out when there is no number");
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  const std::string_view shown(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  out += shown;
  if (shown.find_first_of(".e") == std::string_view::npos) out += ".0";  // a double reads back as a double
}

bool plain(const Value& value) { return value.array() == nullptr && value.object() == nullptr; }

void write_plain(std::string& out, const Value& value) {
  if (const bool* boolean = value.boolean()) {
    out += *boolean ? "true" : "false";
  } else if (const std::int64_t* integer = value.integer()) {
    out += std::to_string(*integer);
  } else if (const double* number = value.number()) {
    write_number(out, *number);
  } else if (const std::string* text = value.text()) {
    write_text(out, *text);
  } else {
    out += "null";
  }
}

// Writes `array` on one line when it holds plain values only and the line stays within 100 bytes.
bool write_on_one_line(std::string& out, const Array& array) {
  constexpr std::size_t widest = 100;
  if (!std::all_of(array.begin(), array.end(), plain)) return false;
  const std::size_t before = out.size();
  const std::size_t line = before - (out.rfind('\n') + 1);
  out += '[';
  for (const Value& value : array) {
    if (out.back() != '[') out += ", ";
    write_plain(out, value);
    if (line + out.size() - before > widest) {
      out.resize(before);
      return false;
    }
  }
  out += ']';
  return true;
}

}  // namespace

Value parse_json(std::string_view text, const JsonLimits& limits, const base::Cancellation& cancellation) {
  refuse_bytes(text, limits);
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  if (text.starts_with(mark)) throw base::InvalidInput("JSON: two byte order marks at the start; remove them");
  Builder builder(text, limits, cancellation);
  nlohmann::json::sax_parse(text.data(), text.data() + text.size(), &builder);
  return builder.take();
}

std::string write_json(const Value& root, const base::Cancellation& cancellation) {
  struct Open {
    const Value* value;
    std::size_t next = 0;
  };
  std::string out;
  std::vector<Open> open;
  const auto write = [&](const Value& value) {
    if (plain(value)) {
      write_plain(out, value);
    } else if (value.object() != nullptr && value.object()->empty()) {
      out += "{}";
    } else if (value.array() == nullptr || !write_on_one_line(out, *value.array())) {
      out += value.array() != nullptr ? '[' : '{';
      open.push_back({&value});
    }
  };
  write(root);
  while (!open.empty()) {
    cancellation.check();
    const Value& value = *open.back().value;
    const std::size_t k = open.back().next++;
    const Array* array = value.array();
    const std::size_t size = array != nullptr ? array->size() : value.object()->size();
    if (k == size) {
      open.pop_back();
      out += '\n';
      out.append(2 * open.size(), ' ');
      out += array != nullptr ? ']' : '}';
      continue;
    }
    out += k == 0 ? "\n" : ",\n";
    out.append(2 * open.size(), ' ');
    if (array != nullptr) {
      write((*array)[k]);
    } else {
      write_text(out, (*value.object())[k].key);
      out += ": ";
      write((*value.object())[k].value);
    }
  }
  out += '\n';
  return out;
}

}  // namespace journeykit::io
