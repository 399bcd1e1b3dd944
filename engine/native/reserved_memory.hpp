// Address space taken up front and filled with zero pages by the kernel as it is touched: a segment's memory never moves, so readers
// need no lock to follow a pointer into it, and an empty segment costs nothing.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <utility>

namespace engine {

class ReservedMemory {
 public:
  explicit ReservedMemory(std::size_t bytes) : bytes_(bytes) {
    if (bytes == 0) return;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#ifdef MAP_NORESERVE
    flags |= MAP_NORESERVE;
#endif
    void* const address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (address == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<std::byte*>(address);
#ifdef MADV_HUGEPAGE
    // Graph search touches rows at random; large pages save most of its page-table walks. Small segments would only waste memory.
    if (bytes >= kHugePagesFrom) madvise(address, bytes, MADV_HUGEPAGE);
#endif
  }
  ~ReservedMemory() {
    if (data_) munmap(data_, bytes_);
  }
  ReservedMemory(ReservedMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  ReservedMemory& operator=(ReservedMemory&&) = delete;

  std::byte* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kHugePagesFrom = std::size_t(16) << 20;

  std::byte* data_ = nullptr;
  std::size_t bytes_;
};

}  // namespace engine
