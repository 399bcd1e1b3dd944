#include "segment_file.hpp"

#include <unistd.h>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "crc32c.hpp"
#include "file.hpp"

namespace engine {
namespace {

constexpr char kMagic[8] = {'V', 'C', 'S', 'E', 'G', 'M', 'N', 'T'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kBufferBytes = std::size_t(1) << 20;

struct Section {
  std::uint64_t length;
  std::uint32_t crc;
  std::uint32_t reserved;
};

struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t dimension;
  std::uint32_t metric;
  std::uint32_t capacity;
  std::uint32_t connectivity;
  std::uint32_t expansion_add;
  std::uint64_t count;
  Section presence;
  Section vectors;
  Section graph;
  std::uint32_t traversal;
  std::uint32_t crc;
};
constexpr std::size_t kHeaderBytes = sizeof(Header);
static_assert(kHeaderBytes == 96 && std::is_trivially_copyable_v<Header>, "the header is its own layout on disk");

std::uint32_t crc_of(Header const& header) { return crc32c(&header, offsetof(Header, crc)); }

/// Appends to the file through a buffer, with the checksum of what passed since the last section began.
class SectionWriter {
 public:
  SectionWriter(File& file, std::uint64_t offset) : file_(file), offset_(offset) { buffer_.reserve(kBufferBytes); }

  void append(void const* data, std::size_t length) {
    crc_ = crc32c(data, length, crc_);
    length_ += length;
    if (buffer_.size() + length > kBufferBytes) flush();
    if (length > kBufferBytes) {
      file_.write_at(offset_, data, length);
      offset_ += length;
      return;
    }
    auto const* from = static_cast<std::byte const*>(data);
    buffer_.insert(buffer_.end(), from, from + length);
  }

  Section end() {
    flush();
    Section const section{length_, crc_, 0};
    length_ = 0;
    crc_ = 0;
    return section;
  }

  std::uint64_t offset() const { return offset_; }

 private:
  void flush() {
    file_.write_at(offset_, buffer_.data(), buffer_.size());
    offset_ += buffer_.size();
    buffer_.clear();
  }

  File& file_;
  std::uint64_t offset_;
  std::vector<std::byte> buffer_;
  std::uint64_t length_ = 0;
  std::uint32_t crc_ = 0;
};

template <typename Visit>
void each_slot(std::span<std::uint64_t const> presence, Visit visit) {
  for (std::size_t word = 0; word < presence.size(); word++)
    for (std::uint64_t bits = presence[word]; bits != 0; bits &= bits - 1)
      visit(std::uint32_t(word * 64 + std::size_t(std::countr_zero(bits))));
}

std::size_t count_slots(std::span<std::uint64_t const> presence) {
  std::size_t count = 0;
  for (std::uint64_t const word : presence) count += std::size_t(std::popcount(word));
  return count;
}

std::string temporary_name(std::string const& path) {
  static std::atomic<unsigned> number{0};
  return path + "." + std::to_string(getpid()) + "-" + std::to_string(number.fetch_add(1)) + ".tmp";
}

class Reader {
 public:
  Reader(std::string const& path, SegmentOptions const& options) : file_(File::open_for_reading(path)) {
    std::uint64_t const size = file_.size();
    if (size < kHeaderBytes || !file_.read_at(0, &header_, kHeaderBytes)) throw FileError("shorter than its header");
    if (std::memcmp(header_.magic, kMagic, sizeof(kMagic)) != 0) throw FileError("not a segment file");
    if (header_.crc != crc_of(header_)) throw FileError("the header is damaged");
    if (header_.version != kVersion) throw FileError("written in version " + std::to_string(header_.version));
    if (header_.dimension != options.dimension || header_.metric != std::uint32_t(options.metric) ||
        header_.capacity != options.capacity || header_.connectivity != options.connectivity ||
        header_.expansion_add != options.expansion_add || header_.traversal != std::uint32_t(options.traversal))
      throw FileError("made with other options");
    // From here on the capacity is the caller's own, so nothing below allocates by what the file says. None of the sums can overflow:
    // count is at most the capacity.
    std::size_t const presence_bytes = (std::size_t(options.capacity) + 63) / 64 * 8;
    if (header_.count > header_.capacity) throw FileError("more vectors than capacity");
    if (header_.presence.length != presence_bytes || header_.vectors.length != header_.count * row_bytes())
      throw FileError("its sections have impossible lengths");
    std::uint64_t const before_graph = kHeaderBytes + header_.presence.length + header_.vectors.length;
    if (size < before_graph || size - before_graph != header_.graph.length) throw FileError("truncated or too long");
  }

  std::vector<std::uint64_t> presence() const {
    std::vector<std::uint64_t> words(header_.presence.length / 8);
    read(kHeaderBytes, words.data(), header_.presence.length);
    require(header_.presence, crc32c(words.data(), header_.presence.length));
    if (count_slots(words) != header_.count) throw FileError("its count does not fit its presence bits");
    std::uint32_t const spare = header_.capacity % 64;
    if (spare != 0 && words.back() >> spare != 0) throw FileError("it has vectors beyond its capacity");
    return words;
  }

  /// `to(slot)` says where the row belongs.
  template <typename RowOf>
  void vectors(std::span<std::uint64_t const> presence, RowOf to) const {
    std::uint64_t offset = kHeaderBytes + header_.presence.length;
    std::size_t const rows_in_buffer = std::max<std::size_t>(1, kBufferBytes / row_bytes());
    std::vector<std::byte> buffer(rows_in_buffer * row_bytes());
    std::size_t left = header_.count, buffered = 0, used = 0;
    std::uint32_t crc = 0;
    each_slot(presence, [&](std::uint32_t slot) {
      if (used == buffered) {
        buffered = std::min(left, rows_in_buffer);
        used = 0;
        left -= buffered;
        read(offset, buffer.data(), buffered * row_bytes());
        crc = crc32c(buffer.data(), buffered * row_bytes(), crc);
        offset += buffered * row_bytes();
      }
      std::memcpy(to(slot), buffer.data() + used++ * row_bytes(), row_bytes());
    });
    require(header_.vectors, crc);
  }

  std::vector<std::byte> graph() const {
    std::vector<std::byte> bytes(header_.graph.length);
    read(kHeaderBytes + header_.presence.length + header_.vectors.length, bytes.data(), bytes.size());
    require(header_.graph, crc32c(bytes.data(), bytes.size()));
    return bytes;
  }

  std::size_t count() const { return header_.count; }

 private:
  std::size_t row_bytes() const { return std::size_t(header_.dimension) * sizeof(float); }
  void read(std::uint64_t offset, void* to, std::size_t length) const {
    if (!file_.read_at(offset, to, length)) throw FileError("truncated while it was read");
  }
  static void require(Section const& section, std::uint32_t crc) {
    if (section.crc != crc) throw FileError("a checksum does not match");
  }

  File file_;
  Header header_;
};

}  // namespace

std::uint64_t SegmentFile::save(Segment& segment, std::string const& path) {
  SegmentOptions const& options = segment.options();
  // The graph first: every slot in it was present before, so the presence bits read next cover it.
  std::vector<std::byte> const graph = segment.graph_.serialize();
  std::vector<std::uint64_t> presence(segment.present_.words());
  for (std::size_t word = 0; word < presence.size(); word++) presence[word] = segment.present_.word(word);

  Header header{};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.version = kVersion;
  header.dimension = options.dimension;
  header.metric = std::uint32_t(options.metric);
  header.capacity = options.capacity;
  header.connectivity = options.connectivity;
  header.expansion_add = options.expansion_add;
  header.traversal = std::uint32_t(options.traversal);
  header.count = count_slots(presence);

  std::string const temporary = temporary_name(path);
  try {
    File file = File::create(temporary);
    SectionWriter writer(file, kHeaderBytes);
    writer.append(presence.data(), presence.size() * sizeof(std::uint64_t));
    header.presence = writer.end();
    each_slot(presence, [&](std::uint32_t slot) { writer.append(segment.rows_.row(slot), options.dimension * sizeof(float)); });
    header.vectors = writer.end();
    writer.append(graph.data(), graph.size());
    header.graph = writer.end();
    header.crc = crc_of(header);
    file.write_at(0, &header, kHeaderBytes);
    file.sync();
    File::rename(temporary, path);
    File::sync_folder_of(path);
    return writer.offset();
  } catch (...) {
    File::remove(temporary);
    throw;
  }
}

std::shared_ptr<Segment> SegmentFile::open(std::string const& path, SegmentOptions options, unsigned threads) {
  options.validate();
  Reader const reader(path, options);
  auto segment = std::make_shared<Segment>(options, threads);
  std::vector<std::uint64_t> const presence = reader.presence();
  reader.vectors(presence, [&](std::uint32_t slot) { return segment->rows_.row(slot); });
  each_slot(presence, [&](std::uint32_t slot) {
    segment->derive(slot);
    segment->present_.set(slot);
  });
  segment->count_.store(reader.count(), std::memory_order_release);
  segment->graph_.restore(reader.graph(), segment->present_);
  for (std::size_t node = 0; node < segment->graph_.size(); node++) {
    segment->claimed_.set(segment->graph_.slot_of(node));
    segment->indexed_.set(segment->graph_.slot_of(node));
  }
  segment->indexed_count_.store(segment->graph_.size(), std::memory_order_release);
  return segment;
}

}  // namespace engine
