// HNSW over the rows of a Space: usearch's index_gt with the vectors outside of it, made safe for searches beside adds by RoomLock.
//
// A graph node's own number is the order of its insertion, which differs from the slot once slots have gaps or several threads add;
// `slots_` maps one to the other. A node's entry is written before any link to it exists, so whoever finds the node through a link
// (under usearch's lock of that list, or in a later room) sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <new>
#include <span>
#include <string>
#include <usearch/index.hpp>
#include <vector>

#include "reserved_memory.hpp"
#include "room_lock.hpp"
#include "slot_bits.hpp"
#include "space.hpp"
#include "top_k.hpp"

namespace engine {

/// usearch tests for null where std::allocator would throw through its noexcept functions and end the process.
template <typename T>
struct NothrowAllocator {
  using value_type = T;
  NothrowAllocator() = default;
  template <typename U>
  NothrowAllocator(NothrowAllocator<U> const&) {}
  T* allocate(std::size_t n) noexcept {
    if (n > std::numeric_limits<std::size_t>::max() / sizeof(T) - 64) return nullptr;
    // aligned_alloc wants a multiple of the alignment.
    return static_cast<T*>(std::aligned_alloc(64, (n * sizeof(T) + 63) / 64 * 64));
  }
  void deallocate(T* memory, std::size_t) noexcept { std::free(memory); }
};

/// Bit i of word i / 32: what SlotBitset is on the JavaScript side.
class AllowedBits {
 public:
  explicit AllowedBits(std::span<std::uint32_t const> words) : words_(words) {}
  bool test(std::uint32_t slot) const { return slot / 32 < words_.size() && (words_[slot / 32] >> (slot % 32) & 1); }
  /// Two neighbouring 32-bit words as one of 64, zero beyond the end.
  std::uint64_t word64(std::size_t index) const {
    std::uint64_t const low = 2 * index < words_.size() ? words_[2 * index] : 0;
    std::uint64_t const high = 2 * index + 1 < words_.size() ? words_[2 * index + 1] : 0;
    return low | high << 32;
  }

 private:
  std::span<std::uint32_t const> words_;
};

class Graph {
 public:
  Graph(Space space, std::uint32_t capacity, std::uint32_t connectivity, unsigned threads);

  /// Safe beside adds and searches on other threads. `thread` is below `threads` and used by one caller at a time.
  void add(std::uint32_t slot, std::size_t expansion, unsigned thread);

  /// The nearest allowed, nearest first; at most `count`, of the `expansion` candidates that the walk kept.
  std::vector<Neighbor> search(Space::Row query, std::size_t count, std::size_t expansion, AllowedBits allowed, unsigned thread);

  std::size_t size() const { return index_.size(); }

  /// usearch's own stream; adds wait while it is copied.
  std::vector<std::byte> serialize();

  /// Into an empty graph that nothing else uses yet. Every link is checked before usearch sees the bytes; throws FileError.
  void restore(std::span<std::byte const> bytes, SlotBits const& present);

  /// Slot of each node, in order of insertion. Only valid while nothing is added.
  std::uint32_t slot_of(std::size_t node) const { return slots_[node]; }

 private:
  using Index = unum::usearch::index_gt<float, std::uint32_t, std::uint32_t, NothrowAllocator<unum::usearch::byte_t>>;
  struct Measure;
  struct Prefetch;

  void reserve();

  Space space_;
  std::uint32_t capacity_;
  unsigned threads_;
  ReservedMemory slots_memory_;
  std::uint32_t* slots_;
  RoomLock rooms_;
  std::once_flag first_;
  Index index_;
};

}  // namespace engine
