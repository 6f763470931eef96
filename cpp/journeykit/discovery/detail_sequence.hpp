// The touchpoints of each case.
#pragma once

#include <cstdint>
#include <span>

#include "journeykit/events/log.hpp"

namespace journeykit::discovery {

class Sequences {  // of a log that outlives it
 public:
  explicit Sequences(const events::EventLog& log) : touchpoints_(log.touchpoints()), offsets_(log.case_offsets()) {}

  std::span<const std::uint32_t> operator[](std::size_t c) const {
    return touchpoints_.subspan(offsets_[c], offsets_[c + 1] - offsets_[c]);
  }

 private:
  std::span<const std::uint32_t> touchpoints_;
  std::span<const std::uint64_t> offsets_;
};

}  // namespace journeykit::discovery
