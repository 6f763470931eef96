#include "journeykit/markov/detail_kernel.hpp"

#include <algorithm>

namespace journeykit::markov {
namespace {

#if defined(__GNUC__)
#define JOURNEYKIT_TARGET
namespace common {  // 16 bytes: SSE2, NEON
constexpr std::size_t kWidth = 2, kPartRows = 4, kPartVectors = 3;
#include "journeykit/markov/detail_kernel_loops.inc"
}  // namespace common
#undef JOURNEYKIT_TARGET
#else
namespace common {  // without vectors of the compiler's own
bool eliminate(double* moves, std::size_t rows, std::size_t stride, std::size_t p) {
  double* row = moves + p * stride;
  double out = 0;
  for (std::size_t j = p + 1; j < stride; ++j) out += row[j];
  if (!(out > 0)) return false;
  const double scale = 1 / out;
  for (std::size_t j = 0; j < stride; ++j) row[j] *= scale;
  row[p] = scale - 1;
  for (std::size_t i = 0; i < rows; ++i) {
    double* other = moves + i * stride;
    const double factor = other[p];
    if (i == p || factor == 0) continue;
    for (std::size_t j = 0; j < stride; ++j) other[j] += factor * row[j];
  }
  row[p] = scale;
  return true;
}

void add_tile(double* out, std::size_t stride, std::size_t height, std::size_t width, const double* left,
              const double* right, std::size_t depth) {
  for (std::size_t i = 0; i < height; ++i) {
    for (std::size_t d = 0; d < depth; ++d) {
      const double factor = left[d * kTileRows + i];
      for (std::size_t j = 0; j < width; ++j) out[i * stride + j] += factor * right[d * kTileColumns + j];
    }
  }
}
}  // namespace common
#endif

#if defined(__GNUC__) && defined(__x86_64__)
#define JOURNEYKIT_TARGET __attribute__((target("avx2,fma")))
namespace avx2 {
constexpr std::size_t kWidth = 4, kPartRows = 4, kPartVectors = 3;
#include "journeykit/markov/detail_kernel_loops.inc"
}  // namespace avx2
#undef JOURNEYKIT_TARGET
#define JOURNEYKIT_TARGET __attribute__((target("avx512f,avx512dq,fma")))
namespace avx512 {
constexpr std::size_t kWidth = 8, kPartRows = 8, kPartVectors = 3;
#include "journeykit/markov/detail_kernel_loops.inc"
}  // namespace avx512
#undef JOURNEYKIT_TARGET
#endif

struct Kernel {
  decltype(&common::eliminate) eliminate = common::eliminate;
  decltype(&common::add_tile) add_tile = common::add_tile;
};

const Kernel& kernel() {
  static const Kernel chosen = []() -> Kernel {
#if defined(__GNUC__) && defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
      return {avx512::eliminate, avx512::add_tile};
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {avx2::eliminate, avx2::add_tile};
#endif
    return {};
  }();
  return chosen;
}

}  // namespace

bool eliminate_state(double* moves, std::size_t rows, std::size_t stride, std::size_t p) {
  return kernel().eliminate(moves, rows, stride, p);
}

void add_product(double* out, std::size_t stride, std::size_t begin, std::size_t end, const double* left,
                 const double* right, std::size_t depth) {
  const auto add = kernel().add_tile;
  constexpr std::size_t kNear = 12 * kTileRows;  // rows of `left` that stay near while `right` streams by
  for (std::size_t low = begin; low < end; low += kNear) {
    const std::size_t high = std::min(end, low + kNear);
    for (std::size_t j = 0; j < stride; j += kTileColumns) {
      for (std::size_t i = low; i < high; i += kTileRows) {
        add(out + i * stride + j, stride, std::min(kTileRows, end - i), std::min(kTileColumns, stride - j),
            left + i * depth, right + j * depth, depth);
      }
    }
  }
}

}  // namespace journeykit::markov
