// A walk over the rows of a table as they stand, for as long as no case goes back in time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/events/keys.hpp"

namespace journeykit::discovery {

// What a case did last, as far as one thread has read; nothing yet in the beginning. Times count from the first one.
struct WideLast {
  std::int64_t now = 0;
  std::uint32_t place = 0;
  std::uint32_t known = 0;

  void set(std::int64_t time, std::uint32_t touchpoint) { *this = {time, touchpoint, 1}; }
  bool seen() const { return known != 0; }
  std::int64_t time() const { return now; }
  std::uint32_t touchpoint() const { return place; }
};

// The same in half the memory, where times and touchpoints are small enough: most of the time of a walk goes into
// waiting for it.
struct SmallLast {
  std::uint64_t both = 0;
  static constexpr unsigned kTimeBits = 48;

  static bool holds(const events::EventKeys& keys) {
    return static_cast<std::uint64_t>(keys.last_time()) - static_cast<std::uint64_t>(keys.first_time()) <
               (std::uint64_t{1} << kTimeBits) &&
           keys.touchpoint_names().size() < (std::size_t{1} << (64 - kTimeBits)) - 1;
  }
  void set(std::int64_t time, std::uint32_t touchpoint) {
    both = (std::uint64_t{touchpoint} + 1) << kTimeBits | static_cast<std::uint64_t>(time);
  }
  bool seen() const { return both != 0; }
  std::int64_t time() const { return static_cast<std::int64_t>(both & ((std::uint64_t{1} << kTimeBits) - 1)); }
  std::uint32_t touchpoint() const { return static_cast<std::uint32_t>(both >> kTimeBits) - 1; }
};

// A walk over the rows as they stand, in several stretches at once: the last event of each case so far is kept, and
// the first one of each case in each stretch, to join the stretches afterwards.
template <class Last>
class OnePass {
 public:
  OnePass(const events::EventKeys& keys, std::size_t parts)
      : keys_(keys), last_(parts), first_(parts), begins_(parts + 1) {
    for (std::size_t p = 0; p <= parts; ++p) begins_[p] = keys.row_count() * p / parts;
  }

  // step(source, target, ns) for each step whose target lies in stretch p; false when a case goes back in time.
  template <class Step>
  bool walk(std::size_t p, const base::Cancellation& cancellation, Step&& step) {
    constexpr std::size_t at_once = 4096;
    constexpr std::size_t ahead = 16;
    std::array<std::uint32_t, at_once + ahead> cases{};
    std::array<std::uint32_t, at_once> touchpoints{};
    std::array<std::int64_t, at_once> times{};
    last_[p].assign(keys_.case_count(), {});
    first_[p].clear();
    first_[p].reserve(std::min(keys_.case_count(), begins_[p + 1] - begins_[p]));
    const std::int64_t origin = keys_.first_time();
    const std::int64_t unit = keys_.unit_ns();
    Last* const last = last_[p].data();
    for (std::size_t row = begins_[p]; row < begins_[p + 1]; row += at_once) {
      cancellation.check();
      const std::size_t n = std::min(at_once, begins_[p + 1] - row);
      keys_.read(row, row + n, cases.data(), touchpoints.data(), times.data());
      std::fill_n(cases.begin() + static_cast<std::ptrdiff_t>(n), ahead, cases[n - 1]);
      for (std::size_t k = 0; k < n; ++k) {
#if defined(__GNUC__)
        __builtin_prefetch(last + cases[k + ahead]);
#endif
        Last& before = last[cases[k]];
        const std::int64_t now = times[k] - origin;
        if (!before.seen()) {
          first_[p].push_back({cases[k], touchpoints[k], now});
        } else if (now < before.time()) {
          return false;
        } else {
          step(before.touchpoint(), touchpoints[k], (now - before.time()) * unit);
        }
        before.set(now, touchpoints[k]);
      }
    }
    return true;
  }

  // After walk(0 … p - 1): start(touchpoint) for each case that starts in stretch p, and the steps that lead into it.
  template <class Start, class Step>
  bool join(std::size_t p, Start&& start, Step&& step) const {
    for (const First& first : first_[p]) {
      const Last* before = nullptr;
      for (std::size_t q = p; q-- > 0 && before == nullptr;) {
        if (last_[q][first.case_number].seen()) before = &last_[q][first.case_number];
      }
      if (before == nullptr) {
        start(first.touchpoint);
      } else if (first.time < before->time()) {
        return false;
      } else {
        step(before->touchpoint(), first.touchpoint, (first.time - before->time()) * keys_.unit_ns());
      }
    }
    return true;
  }

  // end(touchpoint) for each case with a number in [begin, end).
  template <class End>
  void each_end(std::size_t begin, std::size_t end_number, End&& end) const {
    for (std::size_t c = begin; c < end_number; ++c) {
      for (std::size_t p = last_.size(); p-- > 0;) {
        if (!last_[p][c].seen()) continue;
        end(last_[p][c].touchpoint());
        break;
      }
    }
  }

 private:
  struct First {
    std::uint32_t case_number = 0, touchpoint = 0;
    std::int64_t time = 0;
  };

  const events::EventKeys& keys_;
  std::vector<std::vector<Last>> last_;
  std::vector<std::vector<First>> first_;
  std::vector<std::size_t> begins_;
};

}  // namespace journeykit::discovery
