// A loop over [0, n) in blocks on several threads. The caller's thread works too, so that Ctrl-C is heard; the
// first exception of any thread is rethrown. The result must not depend on the number of threads: write per block
// or per index, then combine in index order.
#pragma once

#include <cstddef>
#include <functional>

#include "journeykit/base/cancel.hpp"

namespace journeykit::base {

// `threads` as asked, or the machine's cores for 0.
unsigned thread_count(unsigned threads);

void parallel_for(std::size_t n, std::size_t block, unsigned threads, const Cancellation& cancellation,
                  const std::function<void(std::size_t begin, std::size_t end)>& body);

}  // namespace journeykit::base
