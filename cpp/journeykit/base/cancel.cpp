#include "journeykit/base/cancel.hpp"

#include "journeykit/base/error.hpp"

namespace journeykit::base {

void Cancellation::check() const {
  constexpr auto between_questions = std::chrono::milliseconds(10);
  if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled("cancelled by the caller; nothing was changed");
  if (!asked_ || std::this_thread::get_id() != owner_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < between_questions) return;
  last_ = now;
  bool stop = true;
  try {
    stop = asked_();
  } catch (...) {
    cancelled_.store(true, std::memory_order_relaxed);
    throw;
  }
  if (stop) {
    cancelled_.store(true, std::memory_order_relaxed);
    throw Cancelled("cancelled by the caller; nothing was changed");
  }
}

}  // namespace journeykit::base
