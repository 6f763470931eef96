#include "journeykit/base/bytes.hpp"

#include <bit>
#include <utility>

#include "journeykit/base/error.hpp"
#include "journeykit/base/random.hpp"

namespace journeykit::base {
namespace {

constexpr std::int64_t kMostThings = std::int64_t{1} << 62U;
constexpr std::size_t kWord = 8;

void append_word(std::string& out, std::uint64_t word) {
  for (std::size_t k = 0; k < kWord; ++k) out.push_back(static_cast<char>(static_cast<unsigned char>(word >> (8 * k))));
}

std::uint64_t word_at(std::string_view bytes, std::size_t at) {
  std::uint64_t word = 0;
  for (std::size_t k = 0; k < kWord && at + k < bytes.size(); ++k) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + k])) << (8 * k);
  }
  return word;
}

// Each step is a bijection of the state, so a change within one word never goes unseen.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t h = mix(bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += kWord) h = mix(h ^ word_at(bytes, at));
  return h;
}

}  // namespace

ByteWriter::ByteWriter(std::string_view magic, std::uint32_t version) : out_(magic) { count(version); }

void ByteWriter::count(std::uint64_t value) {
  constexpr std::uint64_t seven_bits = 0x7F;
  while (value > seven_bits) {
    out_.push_back(static_cast<char>(static_cast<unsigned char>((value & seven_bits) | 0x80U)));
    value >>= 7U;
  }
  out_.push_back(static_cast<char>(value));
}

void ByteWriter::number(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  count((bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void ByteWriter::real(double value) { append_word(out_, std::bit_cast<std::uint64_t>(value)); }

void ByteWriter::text(std::string_view value) {
  count(value.size());
  out_ += value;
}

std::string ByteWriter::finish() && {
  append_word(out_, checksum(out_));
  return std::move(out_);
}

ByteReader::ByteReader(std::string_view bytes, std::string_view magic, std::uint32_t version, std::string what)
    : rest_(bytes), what_(std::move(what)) {
  if (!bytes.starts_with(magic)) refuse("they begin with something else");
  if (bytes.size() < magic.size() + kWord) refuse("they are cut short");
  const std::string_view content = bytes.substr(0, bytes.size() - kWord);
  if (checksum(content) != word_at(bytes, content.size())) refuse("the checksum does not fit, so they were changed");
  rest_ = content.substr(magic.size());
  if (const std::uint64_t got = count(); got != version) {
    throw Unsupported("the bytes of " + what_ + " have version " + std::to_string(got) +
                      "; this journeykit reads version " + std::to_string(version) +
                      ": make them again, or use the journeykit that made them");
  }
}

void ByteReader::refuse(const std::string& why) const {
  throw InvalidInput("these are no bytes of " + what_ + ": " + why + "; expected what its to_bytes() gave, unchanged");
}

std::uint64_t ByteReader::count() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) refuse("they are cut short");
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    const std::uint64_t bits = byte & 0x7FU;
    if ((shift == 63 && bits > 1) || (byte == 0 && shift > 0)) break;
    value |= bits << shift;
    if (byte < 0x80U) return value;
  }
  refuse("a number is too long");
}

std::uint64_t ByteReader::count_below(std::uint64_t n) {
  const std::uint64_t value = count();
  if (value >= n) refuse("a number is out of range");
  return value;
}

std::uint64_t ByteReader::length() { return count_below(rest_.size() + 1); }

std::int64_t ByteReader::number() {
  const std::uint64_t bits = count();
  return static_cast<std::int64_t>((bits >> 1U) ^ ((bits & 1U) != 0 ? ~std::uint64_t{0} : 0));
}

std::int64_t ByteReader::tally() {
  const std::int64_t value = number();
  if (value < 0 || value > kMostThings) refuse("a number of things is out of range");
  return value;
}

double ByteReader::real() {
  if (rest_.size() < kWord) refuse("they are cut short");
  const std::uint64_t word = word_at(rest_, 0);
  rest_.remove_prefix(kWord);
  return std::bit_cast<double>(word);
}

std::string ByteReader::text() {
  const std::uint64_t size = length();
  if (size > rest_.size()) refuse("they are cut short");
  std::string out(rest_.substr(0, size));
  rest_.remove_prefix(size);
  if (!valid_utf8(out)) refuse("a text is not UTF-8");
  return out;
}

void ByteReader::finish() const {
  if (!rest_.empty()) refuse("something follows their end");
}

std::int64_t add_tallies(std::int64_t a, std::int64_t b) {
  if (a > kMostThings - b) throw InvalidInput("the states count more than 2^62 things together; merge fewer of them");
  return a + b;
}

}  // namespace journeykit::base
