#include "journeykit/base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "journeykit/base/error.hpp"

namespace journeykit::base {

unsigned thread_count(unsigned threads) {
  return threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
}

void parallel_for(std::size_t n, std::size_t block, unsigned threads, const Cancellation& cancellation,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  block = std::max<std::size_t>(block, 1);
  const std::size_t blocks = (n + block - 1) / block;
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::exception_ptr first_failure;
  bool only_stopped = false;  // first_failure is a Cancelled
  std::mutex failure_mutex;
  // What the caller's question threw (a KeyboardInterrupt) goes before the Cancelled of threads that heard of it.
  const auto keep = [&](bool stopped) {
    const std::scoped_lock lock(failure_mutex);
    if (!first_failure || (only_stopped && !stopped)) {
      first_failure = std::current_exception();
      only_stopped = stopped;
    }
    failed.store(true, std::memory_order_relaxed);
  };
  const auto work = [&] {
    try {
      while (!failed.load(std::memory_order_relaxed)) {
        const std::size_t b = next.fetch_add(1, std::memory_order_relaxed);
        if (b >= blocks) return;
        cancellation.check();
        body(b * block, std::min(n, (b + 1) * block));
      }
    } catch (const Cancelled&) {
      keep(true);
    } catch (...) {
      keep(false);
    }
  };
  {
    std::vector<std::jthread> helpers;
    // Asking for the cores reads files of the system, which costs more than a small loop.
    const std::size_t wanted = blocks <= 1 ? blocks : std::min<std::size_t>(thread_count(threads), blocks);
    for (std::size_t k = 1; k < wanted; ++k) helpers.emplace_back(work);
    work();
  }
  if (first_failure) std::rethrow_exception(first_failure);
}

}  // namespace journeykit::base
