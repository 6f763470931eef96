// Runs a call in a thread with the stack of musl or macOS: what recurses on data dies here.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <exception>
#include <functional>
#include <stdexcept>

namespace journeykit::test {

// Exceptions of the call come out here.
inline void on_small_stack(std::function<void()> call) {
  struct Job {
    std::function<void()> call;
    std::exception_ptr error{};
  } job{std::move(call)};
  pthread_attr_t attributes;
  pthread_t thread{};
  const auto work = [](void* given) -> void* {
    auto* own = static_cast<Job*>(given);
    try {
      own->call();
    } catch (...) {
      own->error = std::current_exception();
    }
    return nullptr;
  };
  if (pthread_attr_init(&attributes) != 0 || pthread_attr_setstacksize(&attributes, std::size_t{512} << 10U) != 0 ||
      pthread_create(&thread, &attributes, work, &job) != 0) {
    throw std::runtime_error("no thread with a stack of 512 KB");
  }
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace journeykit::test
