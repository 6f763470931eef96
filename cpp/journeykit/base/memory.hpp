// Room for many values at once.
#pragma once

#include <cstddef>
#include <vector>

namespace journeykit::base {

// Tells the system that a large stretch of memory is about to be filled, so that it may come in large pages: first
// touch of 4 KB pages costs more than most passes over them. Only a hint.
void expect_filling(const void* begin, std::size_t bytes);

// A vector of n values T() on such memory.
template <class T>
std::vector<T> many(std::size_t n) {
  std::vector<T> out;
  out.reserve(n);
  expect_filling(out.data(), n * sizeof(T));
  out.resize(n);
  return out;
}

}  // namespace journeykit::base
