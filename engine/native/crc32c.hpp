#pragma once

#include <cstddef>
#include <cstdint>

namespace engine {

/// Castagnoli's polynomial; `crc` continues an earlier call.
std::uint32_t crc32c(void const* data, std::size_t length, std::uint32_t crc = 0);

}  // namespace engine
