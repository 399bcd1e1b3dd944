// What the graph and the scans know of vectors: where the row of a slot is and how far two rows are from each other.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels.hpp"
#include "slab.hpp"
#include "top_k.hpp"

namespace engine {

struct Space {
  using Row = std::byte const*;

  Slab const* slab;
  FloatDistance distance;
  std::size_t dimension;

  Row row(std::uint32_t slot) const { return slab->row(slot); }
  float between(Row a, Row b) const {
    return ordered(distance(reinterpret_cast<float const*>(a), reinterpret_cast<float const*>(b), dimension));
  }
  void prefetch(std::uint32_t slot) const {
    // The first lines only: by then the processor's own prefetcher has seen the direction, and more would push each other out.
    constexpr std::size_t kLines = 8;
    Row const from = row(slot);
    std::size_t const bytes = slab->stride() < kLines * Slab::kLine ? slab->stride() : kLines * Slab::kLine;
    for (std::size_t offset = 0; offset < bytes; offset += Slab::kLine) __builtin_prefetch(from + offset);
  }
};

}  // namespace engine
