// What the graph and the scans know of vectors: where the row of a slot is and how far two rows are from each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels.hpp"
#include "slab.hpp"
#include "top_k.hpp"

namespace engine {

enum class Metric : std::uint32_t { kCosine = 0, kDot = 1, kEuclid = 2, kManhattan = 3 };

/// What follows the bytes of a quantised row: component i is about byte i times `scale`.
struct ByteRowTail {
  float scale;
  /// Sum of the squares of the components that the bytes stand for.
  float squares;
};

class Space {
 public:
  using Row = std::byte const*;
  enum class Kind { kFloats, kBytes };

  Space(Slab const& slab, Kind kind, Metric metric, std::size_t dimension);

  static std::size_t row_bytes(Kind kind, std::size_t dimension) {
    return kind == Kind::kFloats ? dimension * sizeof(float) : tail_offset(dimension) + sizeof(ByteRowTail);
  }

  Row row(std::uint32_t slot) const { return slab_->row(slot); }

  float between(Row a, Row b) const {
    if (kind_ == Kind::kFloats)
      return ordered(floats_(reinterpret_cast<float const*>(a), reinterpret_cast<float const*>(b), dimension_));
    ByteRowTail ta, tb;
    std::memcpy(&ta, a + tail_offset(dimension_), sizeof(ta));
    std::memcpy(&tb, b + tail_offset(dimension_), sizeof(tb));
    auto const sum = bytes_(reinterpret_cast<std::int8_t const*>(a), reinterpret_cast<std::int8_t const*>(b), dimension_);
    float const dot = float(sum) * ta.scale * tb.scale;
    return ordered(metric_ == Metric::kEuclid ? ta.squares + tb.squares - 2 * dot : -dot);
  }

  void prefetch(std::uint32_t slot) const {
    // The first lines only: by then the processor's own prefetcher has seen the direction, and more would push each other out.
    constexpr std::size_t kLines = 8;
    Row const from = row(slot);
    std::size_t const bytes = slab_->stride() < kLines * Slab::kLine ? slab_->stride() : kLines * Slab::kLine;
    for (std::size_t offset = 0; offset < bytes; offset += Slab::kLine) __builtin_prefetch(from + offset);
  }

  /// From floats to a row of kBytes, each vector with its own scale: its largest component becomes 127.
  static void quantise(float const* from, std::size_t dimension, std::byte* to);

 private:
  static constexpr std::size_t tail_offset(std::size_t dimension) { return (dimension + 3) / 4 * 4; }

  Slab const* slab_;
  Kind kind_;
  Metric metric_;
  std::size_t dimension_;
  FloatDistance floats_;
  ByteDot bytes_;
};

}  // namespace engine
