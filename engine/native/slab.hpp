// Rows of equal size by slot, each starting on a cache line.
#pragma once

#include <cstddef>
#include <cstdint>

#include "reserved_memory.hpp"

namespace engine {

class Slab {
 public:
  Slab(std::uint32_t capacity, std::size_t row_bytes)
      : stride_((row_bytes + kLine - 1) / kLine * kLine), memory_(std::size_t(capacity) * stride_) {}

  std::byte* row(std::uint32_t slot) const { return memory_.data() + std::size_t(slot) * stride_; }
  std::size_t stride() const { return stride_; }

  static constexpr std::size_t kLine = 64;

 private:
  std::size_t stride_;
  ReservedMemory memory_;
};

}  // namespace engine
