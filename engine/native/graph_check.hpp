// Checksums find accidents, not a file that was made wrong on purpose or by a faulty writer. usearch trusts every number in its stream,
// so each one is compared with what it may be before usearch reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "errors.hpp"
#include "slot_bits.hpp"

namespace engine {

struct GraphShape {
  std::uint32_t capacity;
  std::size_t connectivity;
  std::size_t connectivity_base;
};

/// Throws FileError unless loading the stream and walking the graph cannot leave its memory.
void check_graph(std::span<std::byte const> bytes, GraphShape shape, SlotBits const& present);

}  // namespace engine
