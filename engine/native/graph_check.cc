#include "graph_check.hpp"

#include <cstring>
#include <vector>

namespace engine {
namespace {

// usearch draws levels from an exponential distribution of a double: about 53 ln 2 / ln 2 at connectivity 2 is the most it can give.
constexpr std::int16_t kMaxLevel = 64;

struct Header {
  std::uint64_t size, connectivity, connectivity_base, max_level, entry_node;
};

template <typename T>
T load(std::byte const* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

[[noreturn]] void fail(char const* reason) { throw FileError(std::string("the graph is damaged: ") + reason); }

class Checker {
 public:
  Checker(std::span<std::byte const> bytes, GraphShape shape) : bytes_(bytes), shape_(shape) {
    if (bytes.size() < sizeof(Header)) fail("no header");
    header_ = load<Header>(bytes.data());
    if (header_.connectivity != shape.connectivity || header_.connectivity_base != shape.connectivity_base) fail("other connectivity");
    if (header_.size == 0 || header_.size > shape.capacity) fail("impossible number of nodes");
    if (header_.size > (bytes.size() - sizeof(Header)) / sizeof(std::int16_t)) fail("levels cut off");
    if (header_.max_level > std::uint64_t(kMaxLevel)) fail("impossible height");
    if (header_.entry_node >= header_.size) fail("no such entry point");
  }

  void levels_fill_the_section() const {
    std::size_t expected = sizeof(Header) + header_.size * sizeof(std::int16_t);
    for (std::uint64_t node = 0; node < header_.size; node++) {
      std::int16_t const level = level_of(node);
      if (level < 0 || level > std::int64_t(header_.max_level)) fail("impossible level");
      expected += node_bytes(level);
    }
    if (expected != bytes_.size()) fail("its length does not fit its levels");
    if (level_of(header_.entry_node) != std::int64_t(header_.max_level)) fail("entry point on another level");
  }

  void nodes_are_sound(SlotBits const& present) const {
    std::vector<bool> seen(shape_.capacity);
    std::byte const* at = bytes_.data() + sizeof(Header) + header_.size * sizeof(std::int16_t);
    for (std::uint64_t node = 0; node < header_.size; node++) {
      std::uint32_t const slot = load<std::uint32_t>(at);
      if (slot >= shape_.capacity || !present.test(slot)) fail("a node without a vector");
      if (seen[slot]) fail("a slot twice");
      seen[slot] = true;
      std::int16_t const level = level_of(node);
      if (load<std::int16_t>(at + 4) != level) fail("two levels for one node");
      links_are_sound(at + kNodeHead, level);
      at += node_bytes(level);
    }
  }

 private:
  static constexpr std::size_t kNodeHead = sizeof(std::uint32_t) + sizeof(std::int16_t);

  void links_are_sound(std::byte const* at, std::int16_t top) const {
    for (std::int16_t level = 0; level <= top; level++) {
      std::size_t const limit = level == 0 ? shape_.connectivity_base : shape_.connectivity;
      std::uint32_t const count = load<std::uint32_t>(at);
      if (count > limit) fail("too many links");
      for (std::uint32_t i = 0; i < count; i++) {
        std::uint32_t const to = load<std::uint32_t>(at + 4 + 4 * std::size_t(i));
        if (to >= header_.size || level_of(to) < level) fail("a link to nowhere");
      }
      at += list_bytes(limit);
    }
  }

  static std::size_t list_bytes(std::size_t links) { return sizeof(std::uint32_t) * (links + 1); }
  std::size_t node_bytes(std::int16_t level) const {
    return kNodeHead + list_bytes(shape_.connectivity_base) + std::size_t(level) * list_bytes(shape_.connectivity);
  }
  std::int16_t level_of(std::uint64_t node) const {
    return load<std::int16_t>(bytes_.data() + sizeof(Header) + node * sizeof(std::int16_t));
  }

  std::span<std::byte const> bytes_;
  GraphShape shape_;
  Header header_;
};

}  // namespace

void check_graph(std::span<std::byte const> bytes, GraphShape shape, SlotBits const& present) {
  Checker const checker(bytes, shape);
  checker.levels_fill_the_section();
  checker.nodes_are_sound(present);
}

}  // namespace engine
