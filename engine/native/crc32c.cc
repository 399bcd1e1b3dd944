// Eight bytes a step by eight tables: about as fast as the disk it guards, without needing any instruction set.
#include "crc32c.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace engine {
namespace {

static_assert(std::endian::native == std::endian::little, "segment files are written in the byte order of this machine");

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; byte++) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t table = 1; table < 8; table++)
    for (std::size_t byte = 0; byte < 256; byte++) {
      std::uint32_t const previous = tables[table - 1][byte];
      tables[table][byte] = previous >> 8 ^ tables[0][previous & 255];
    }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

std::uint32_t crc32c(void const* data, std::size_t length, std::uint32_t crc) {
  auto const* at = static_cast<unsigned char const*>(data);
  crc = ~crc;
  for (; length >= 8; length -= 8, at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    word ^= crc;
    crc = 0;
    for (std::size_t byte = 0; byte < 8; byte++) crc ^= kTables[7 - byte][word >> (8 * byte) & 255];
  }
  for (; length > 0; length--, at++) crc = crc >> 8 ^ kTables[0][(crc ^ *at) & 255];
  return ~crc;
}

}  // namespace engine
