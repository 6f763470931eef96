// What the fuzz targets share: bytes as choices, and a check that ends the process, which is how libFuzzer and the
// replay of the corpus hear of a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include "journeykit/base/error.hpp"

namespace journeykit::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "FINDING: %s\n", what);
  std::abort();
}

// The bytes of the input, one after the other; zeros when they are used up.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : at_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  std::uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *at_++;
  }
  bool coin() { return (byte() & 1U) != 0; }
  std::size_t below(std::size_t n) {
    std::size_t value = byte();
    if (n > 256) value = value * 256 + byte();
    return value % n;
  }
  std::int64_t integer() {
    std::uint64_t value = 0;
    for (int k = 0; k < 8; ++k) value = value << 8U | byte();
    return static_cast<std::int64_t>(value);
  }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

// Runs `call` and says whether it was refused. Refusals are InvalidInput, NotFound or Unsupported with a message that
// is text and has not swallowed the input; any other exception is a finding.
inline bool refused(const std::function<void()>& call) {
  constexpr std::size_t longest_message = 2'000;
  const auto check = [](const base::Error& error) {
    const std::string message = error.what();
    require(!message.empty() && message.size() < longest_message, "an error has a message of a sane length");
    require(base::valid_utf8(message), "the message of an error is UTF-8");
    return true;
  };
  try {
    call();
    return false;
  } catch (const base::InvalidInput& error) {
    return check(error);
  } catch (const base::NotFound& error) {
    return check(error);
  } catch (const base::Unsupported& error) {
    return check(error);
  }
}

}  // namespace journeykit::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
