// Results as bytes: a magic word, a version, numbers in a form that depends on their value alone (LEB128, zigzag), and
// a checksum at the end. The reader throws InvalidInput on anything that the writer would not have written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace journeykit::base {

class ByteWriter {
 public:
  ByteWriter(std::string_view magic, std::uint32_t version);
  void count(std::uint64_t value);
  void number(std::int64_t value);
  void real(double value);  // bit by bit
  void text(std::string_view value);
  std::string finish() &&;  // with the checksum

 private:
  std::string out_;
};

class ByteReader {
 public:
  // `what` names the thing in messages. Checks magic, version and checksum.
  ByteReader(std::string_view bytes, std::string_view magic, std::uint32_t version, std::string what);
  std::uint64_t count();                       // any
  std::uint64_t count_below(std::uint64_t n);  // throws when not below
  std::uint64_t length();                      // of a list: no more than there are bytes left
  std::int64_t number();
  std::int64_t tally();  // a number of things: 0 … 2^62
  double real();
  std::string text();  // well-formed UTF-8
  void finish() const;
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  std::string_view rest_;
  std::string what_;
};

// The sum of two numbers of things; throws InvalidInput beyond 2^62.
std::int64_t add_tallies(std::int64_t a, std::int64_t b);

}  // namespace journeykit::base
