// Memory of the Python module. Columns of millions of rows come and go, and a third of the time of reading them went
// into pages of 4 KB, which the kernel clears and maps and the processor looks up one by one. Large blocks are kept for
// a while when they are freed, to be given out again, and a process that goes on asking for them gets them in pages of
// 2 MB, as NumPy's arrays are. Its first ones are plain: a virtual machine that gets its memory from the host as it
// touches it pays more for a new large page than one call brings back. Blocks stay malloc's: whoever frees them, free()
// is right.
#include <cstdlib>
#include <new>

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <malloc.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdint>

namespace {

constexpr std::size_t kPage = 2U << 20U;
constexpr std::size_t kLarge = 1U << 20U;       // bytes from which a block is kept
constexpr std::size_t kMostKept = 256U << 20U;  // bytes kept altogether
constexpr std::size_t kPlain = 2048U << 20U;    // bytes asked for before large pages are

// Blocks that were freed, the oldest first. What finds it busy does without; so does a process that was forked while it
// was busy.
class Kept {
 public:
  // The smallest block that fits and is not much too large; nullptr: none. Where there is none, as much as the caller
  // is about to take from the system is given back to it, so that memory never grows by what is kept.
  void* take(std::size_t bytes) {
    if (busy_.test_and_set(std::memory_order_acquire)) return nullptr;
    std::size_t best = count_;
    for (std::size_t k = 0; k < count_; ++k) {
      const bool fits = blocks_[k].bytes >= bytes && blocks_[k].bytes <= bytes + bytes / 4;
      if (fits && (best == count_ || blocks_[k].bytes < blocks_[best].bytes)) best = k;
    }
    void* found = best < count_ ? blocks_[best].start : nullptr;
    if (found != nullptr) {
      remove(best);
    } else {
      for (std::size_t freed = 0; count_ > 0 && freed < bytes;) {
        freed += blocks_[0].bytes;
        release(0);
      }
    }
    busy_.clear(std::memory_order_release);
    return found;
  }

  bool keep(void* start, std::size_t bytes) {
    if (bytes > kMostKept || busy_.test_and_set(std::memory_order_acquire)) return false;
    while (count_ == blocks_.size() || kept_ + bytes > kMostKept) release(0);
    // The kernel may have the pages back when memory is short. Whole pages only.
    constexpr std::uintptr_t page = 4096;
    const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(start) + page - 1) / page * page;
    const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(start) + bytes) / page * page;
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_FREE);
    blocks_[count_++] = {start, bytes};
    kept_ += bytes;
    busy_.clear(std::memory_order_release);
    return true;
  }

 private:
  struct Block {
    void* start;
    std::size_t bytes;
  };
  void release(std::size_t k) {
    std::free(blocks_[k].start);
    remove(k);
  }
  void remove(std::size_t k) {
    kept_ -= blocks_[k].bytes;
    for (--count_; k < count_; ++k) blocks_[k] = blocks_[k + 1];
  }

  std::atomic_flag busy_;
  std::array<Block, 64> blocks_{};
  std::size_t count_ = 0, kept_ = 0;
};

Kept kept;
std::atomic<std::size_t> asked = 0;  // bytes of large blocks so far

void* allocate(std::size_t bytes) {
  if (bytes >= kLarge) {
    if (void* block = kept.take(bytes)) return block;
  }
  if (bytes < 2 * kPage || asked.fetch_add(bytes, std::memory_order_relaxed) < kPlain) {
    return std::malloc(bytes > 0 ? bytes : 1);
  }
  void* block = nullptr;
  if (posix_memalign(&block, kPage, bytes) != 0) return nullptr;
  madvise(block, bytes, MADV_HUGEPAGE);  // where that is refused, 4 KB pages do
  return block;
}

void give_back(void* block, std::size_t bytes) {
  if (bytes < kLarge || !kept.keep(block, malloc_usable_size(block))) std::free(block);
}

}  // namespace

void* operator new(std::size_t bytes) {
  while (true) {
    if (void* block = allocate(bytes)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}
void operator delete(void* block) noexcept {
  if (block != nullptr) give_back(block, malloc_usable_size(block));
}
void operator delete(void* block, std::size_t bytes) noexcept {
  if (block != nullptr) give_back(block, bytes);
}
#endif
