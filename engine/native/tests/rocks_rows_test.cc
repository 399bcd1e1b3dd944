// Packing rows, from a library that hands out those of a table: what is packed, what is told of the rest, and that all memory is freed.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "rocks_rows.hpp"

namespace {

using namespace engine;
using Row = std::pair<std::string, std::string>;

/// Laid out as librocksdb's is, as far as is read of it.
struct alignas(8) Iterator {
  unsigned char before[0xf0];
  std::size_t count;
  unsigned char between[0x110 - 0xf8];
  char* error;
  unsigned char behind[kIteratorHandleBytes - 0x118];
};
static_assert(sizeof(Iterator) == kIteratorHandleBytes);

struct Table {
  std::vector<Row> rows;
  std::size_t at = 0;
  std::size_t fails_at = std::size_t(-1);
  int status = 0;
};
Table table;

RocksLibrary::Slice slice_of(std::string const& text) {
  char* const data = static_cast<char*>(std::malloc(text.size() + 1));
  std::memcpy(data, text.data(), text.size());
  return {data, text.size()};
}

int read(void* opaque, RocksLibrary::Slice* keys, RocksLibrary::Slice* values, std::size_t capacity, void (*callback)(void*, int)) {
  CHECK(callback == nullptr);
  if (table.status != 0) return table.status;
  auto* const iterator = static_cast<Iterator*>(opaque);
  for (iterator->count = 0; iterator->count < capacity && table.at < table.rows.size() && table.at < table.fails_at; table.at++) {
    keys[iterator->count] = slice_of(table.rows[table.at].first);
    values[iterator->count++] = slice_of(table.rows[table.at].second);
  }
  iterator->error = table.at == table.fails_at ? strdup("block checksum mismatch") : nullptr;
  return 0;
}

void cleanup(void* opaque) {
  auto* const iterator = static_cast<Iterator*>(opaque);
  std::free(iterator->error);
  iterator->error = nullptr;
}

RocksLibrary const library{read, cleanup, [](RocksLibrary::Slice* slice) { std::free(const_cast<char*>(slice->data)); }};

PackedRows pack(Table rows, std::vector<std::uint8_t>& into, RowLimits limits) {
  table = std::move(rows);
  Iterator iterator{};
  return pack_rows(library, &iterator, into.data(), into.size(), limits);
}

std::string message_of(Table rows) {
  std::vector<std::uint8_t> into(1000);
  try {
    pack(std::move(rows), into, {2, 1000});
  } catch (std::runtime_error const& error) {
    return error.what();
  }
  return "";
}

Table thousand(std::size_t value_bytes) {
  Table rows;
  for (int number = 0; number < 1000; number++)
    rows.rows.emplace_back("\1px" + std::to_string(1000 + number), std::string(value_bytes, char(number)));
  return rows;
}

void packs_a_row_with_its_lengths() {
  std::vector<std::uint8_t> into(100, 0xee);
  PackedRows const packed = pack({{{"\3prkey", "value"}}}, into, {2, 10});
  std::uint8_t const expected[] = {3, 3, 0, 5, 0, 0, 0, 'k', 'e', 'y', 'v', 'a', 'l', 'u', 'e'};
  CHECK(packed.bytes == sizeof expected && packed.rows == 1 && packed.next.empty() && packed.next_bytes == 0);
  CHECK(std::memcmp(into.data(), expected, sizeof expected) == 0);
  CHECK(into[sizeof expected] == 0xee);
}

void goes_on_where_it_stopped() {
  std::vector<std::size_t> const sizes{0, 17, 18, 100, 1000, 1 << 20}, limits{1, 31, 32, 33, 256, 257, 5000};
  for (std::size_t const size : sizes)
    for (std::size_t const rows : limits) {
      std::vector<std::uint8_t> into(size);
      Table const all = thousand(7);
      std::size_t const row_bytes = 7 + 4 + 7, fitting = std::min({size / row_bytes, rows, all.rows.size()});
      PackedRows const packed = pack(all, into, {2, rows});
      CHECK(packed.rows == fitting && packed.bytes == fitting * row_bytes);
      if (fitting == all.rows.size()) CHECK(packed.next.empty());
      else CHECK(packed.next == all.rows[fitting].first && packed.next_bytes == row_bytes);
    }
}

void says_what_is_wrong() {
  Table damaged = thousand(3);
  damaged.fails_at = 5;
  CHECK(message_of(damaged) == "block checksum mismatch");
  Table busy = thousand(3);
  busy.status = -22;
  CHECK(message_of(busy).find("in use") != std::string::npos);
  CHECK(message_of({{{"\1p", "a key that is too short"}}}).find("length") != std::string::npos);
  CHECK(message_of({{{std::string(70000, 'k'), "a key that is too long"}}}).find("length") != std::string::npos);
}

}  // namespace

int main() {
  packs_a_row_with_its_lengths();
  goes_on_where_it_stopped();
  says_what_is_wrong();
}
