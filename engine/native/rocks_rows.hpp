// Packs rows of an iterator that the npm package rocksdb-native has opened into memory of the caller. The package makes two JavaScript
// buffers outside of the heap for each row; here a row costs little more than the copying of its bytes.
//
// The package has librocksdb linked in and exports its functions. Called without a callback they do their work at once, on the thread of
// the caller: any thread, as long as nobody else uses that iterator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace engine {

/// What the package calls the handle of an iterator begins with librocksdb's `rocksdb_iterator_t`. Its size in the version in which the
/// places of its fields were looked up, on systems with pointers of 64 bits.
constexpr std::size_t kIteratorHandleBytes = 432;

/// librocksdb as it is loaded in this process.
class RocksLibrary {
 public:
  /// Null when no such library is loaded, or when it does not export what is needed.
  static RocksLibrary const* loaded_from(std::string const& path);

  struct Slice {
    char const* data;
    std::size_t length;
  };
  int (*read)(void* iterator, Slice* keys, Slice* values, std::size_t capacity, void (*callback)(void*, int));
  void (*cleanup)(void* iterator);
  void (*destroy)(Slice* slice);
};

struct RowLimits {
  /// Bytes of a key behind its first one that are left out.
  std::size_t omitted;
  std::size_t rows;
};

struct PackedRows {
  std::size_t bytes = 0;
  std::size_t rows = 0;
  /// The whole key of the first row that was not packed, and what it takes when packed; empty and 0 at the end of the range.
  std::string next;
  std::size_t next_bytes = 0;
};

/// Each row: u8 first byte of the key, u16 bytes of the rest, u32 bytes of the value, both little-endian; the rest of the key; the value.
/// Throws std::runtime_error with what RocksDB says.
PackedRows pack_rows(RocksLibrary const& library, void* iterator, std::uint8_t* into, std::size_t size, RowLimits limits);

}  // namespace engine
