// How long work is stopped by its caller: the thread that made the token asks the caller at most every 10 ms,
// other threads only read the answer. check() throws Cancelled, or whatever the caller's question throws.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace journeykit::base {

class Cancellation {
 public:
  Cancellation() = default;  // never cancelled
  explicit Cancellation(std::function<bool()> asked) : asked_(std::move(asked)) {}
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  void check() const;

 private:
  std::function<bool()> asked_;
  std::thread::id owner_ = std::this_thread::get_id();
  mutable std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  mutable std::atomic<bool> cancelled_ = false;
};

}  // namespace journeykit::base
