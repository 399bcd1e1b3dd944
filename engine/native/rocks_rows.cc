#include "rocks_rows.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "turns.hpp"

namespace engine {
namespace {

using Slice = RocksLibrary::Slice;

/// Where `rocksdb_iterator_t` has what a read has brought.
constexpr std::size_t kCountAt = 0xf0;
constexpr std::size_t kErrorAt = 0x110;

template <typename Field>
Field field_at(void const* iterator, std::size_t offset) {
  Field field;
  std::memcpy(&field, static_cast<char const*>(iterator) + offset, sizeof field);
  return field;
}

/// Of a kilobyte or two each they take less than a turn.
constexpr std::size_t kRowsAtOnce = 32;
constexpr std::size_t kHeaderBytes = 7;

/// Some rows as librocksdb hands them over: each key and value in memory of its own, freed here.
class Batch {
 public:
  Batch(RocksLibrary const& library, void* iterator, std::size_t wanted) : library_(library) {
    int const status = library.read(iterator, keys_.data(), values_.data(), wanted, nullptr);
    if (status != 0) throw std::runtime_error("the iterator of the documents is in use, or closed");
    count_ = field_at<std::size_t>(iterator, kCountAt);
    char const* const said = field_at<char const*>(iterator, kErrorAt);
    if (said != nullptr) error_ = *said ? said : "no reason given";
    library.cleanup(iterator);
  }
  ~Batch() {
    for (std::size_t row = 0; row < count_; row++) {
      library_.destroy(&keys_[row]);
      library_.destroy(&values_[row]);
    }
  }
  Batch(Batch const&) = delete;
  Batch& operator=(Batch const&) = delete;

  std::size_t count() const { return count_; }
  std::string const& error() const { return error_; }
  Slice const& key(std::size_t row) const { return keys_[row]; }
  Slice const& value(std::size_t row) const { return values_[row]; }

 private:
  RocksLibrary const& library_;
  std::array<Slice, kRowsAtOnce> keys_;
  std::array<Slice, kRowsAtOnce> values_;
  std::size_t count_ = 0;
  std::string error_;
};

template <typename Number>
std::uint8_t* put(std::uint8_t* to, Number number) {
  for (std::size_t byte = 0; byte < sizeof number; byte++) *to++ = std::uint8_t(number >> (8 * byte));
  return to;
}

std::uint8_t* put(std::uint8_t* to, char const* from, std::size_t length) {
  if (length > 0) std::memcpy(to, from, length);
  return to + length;
}

/// As many as the memory takes if they are like those before, and the one that tells what follows.
std::size_t likely_rows(PackedRows const& packed, std::size_t size, std::size_t rows) {
  std::size_t const fit = packed.rows == 0 ? kRowsAtOnce : (size - packed.bytes) / (packed.bytes / packed.rows) + 1;
  return std::min({fit, rows - packed.rows + 1, kRowsAtOnce});
}

}  // namespace

RocksLibrary const* RocksLibrary::loaded_from(std::string const& path) {
  static std::mutex mutex;
  static std::optional<RocksLibrary> library;
  std::lock_guard const lock(mutex);
  if (library) return &*library;
  void* const handle = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
  if (handle == nullptr) return nullptr;
  RocksLibrary const found{
      reinterpret_cast<decltype(RocksLibrary::read)>(dlsym(handle, "rocksdb_iterator_read")),
      reinterpret_cast<decltype(RocksLibrary::cleanup)>(dlsym(handle, "rocksdb_iterator_cleanup")),
      reinterpret_cast<decltype(RocksLibrary::destroy)>(dlsym(handle, "rocksdb_slice_destroy")),
  };
  if (!found.read || !found.cleanup || !found.destroy) return nullptr;
  library = found;
  return &*library;
}

PackedRows pack_rows(RocksLibrary const& library, void* iterator, std::uint8_t* into, std::size_t size, RowLimits limits) {
  PackedRows packed;
  Turns turns;
  for (;;) {
    std::size_t const wanted = likely_rows(packed, size, limits.rows);
    Batch const batch(library, iterator, wanted);
    if (!batch.error().empty()) throw std::runtime_error(batch.error());
    for (std::size_t row = 0; row < batch.count(); row++) {
      auto const [key, key_bytes] = batch.key(row);
      auto const [value, value_bytes] = batch.value(row);
      std::size_t const left_out = 1 + limits.omitted;
      if (key_bytes < left_out || key_bytes - left_out > std::numeric_limits<std::uint16_t>::max() ||
          value_bytes > std::numeric_limits<std::uint32_t>::max())
        throw std::runtime_error("a row has a key or a value of a length that no row has");
      std::size_t const kept = key_bytes - left_out;
      std::size_t const needed = kHeaderBytes + kept + value_bytes;
      if (packed.rows == limits.rows || needed > size - packed.bytes) {
        packed.next.assign(key, key_bytes);
        packed.next_bytes = needed;
        return packed;
      }
      std::uint8_t* to = into + packed.bytes;
      to = put(to, std::uint8_t(*key));
      to = put(to, std::uint16_t(kept));
      to = put(to, std::uint32_t(value_bytes));
      to = put(to, key + left_out, kept);
      put(to, value, value_bytes);
      packed.bytes += needed;
      packed.rows++;
    }
    if (batch.count() < wanted) return packed;
    turns.give_way_when_due();
  }
}

}  // namespace engine
