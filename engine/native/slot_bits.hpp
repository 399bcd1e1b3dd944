// One bit for each slot, set by one thread and read by many. Setting is a release and reading an acquire: whoever sees a bit also sees
// everything written before it was set. Bits are never cleared.
#pragma once

#include <atomic>
#include <cstdint>

#include "reserved_memory.hpp"

namespace engine {

class SlotBits {
 public:
  explicit SlotBits(std::uint32_t capacity) : words_((std::size_t(capacity) + 63) / 64), memory_(words_ * sizeof(std::uint64_t)) {}

  std::size_t words() const { return words_; }
  std::uint64_t word(std::size_t index) const { return at(index).load(std::memory_order_acquire); }
  bool test(std::uint32_t slot) const { return word(slot / 64) >> (slot % 64) & 1; }
  void set(std::uint32_t slot) { at(slot / 64).fetch_or(std::uint64_t(1) << (slot % 64), std::memory_order_release); }

 private:
  using Word = std::atomic<std::uint64_t>;
  static_assert(sizeof(Word) == sizeof(std::uint64_t) && Word::is_always_lock_free);

  Word& at(std::size_t index) const { return reinterpret_cast<Word*>(memory_.data())[index]; }

  std::size_t words_;
  ReservedMemory memory_;
};

}  // namespace engine
