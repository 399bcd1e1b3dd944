#include "graph.hpp"

#include <cstring>
#include <stdexcept>

#include "graph_check.hpp"

namespace engine {

using namespace unum::usearch;

struct Graph::Measure {
  Space const& space;
  std::uint32_t const* slots;

  template <typename A, typename B>
  float operator()(A const& a, B const& b) const {
    return space.between(row(a), row(b));
  }
  Space::Row row(Space::Row given) const { return given; }
  template <typename Entry>
  auto row(Entry const& entry) const -> decltype(get_slot(entry), Space::Row()) {
    return space.row(slots[get_slot(entry)]);
  }
};

struct Graph::Prefetch {
  Space const& space;
  std::uint32_t const* slots;

  template <typename Iterator>
  void operator()(Iterator begin, Iterator end) const {
    for (Iterator it = begin; it != end; ++it) space.prefetch(slots[get_slot(it)]);
  }
};

Graph::Graph(Space space, std::uint32_t capacity, std::uint32_t connectivity, unsigned threads)
    : space_(space),
      capacity_(capacity),
      threads_(threads),
      slots_memory_(std::size_t(capacity) * sizeof(std::uint32_t)),
      slots_(reinterpret_cast<std::uint32_t*>(slots_memory_.data())) {
  auto made = Index::make(index_config_t{connectivity});
  if (!made) throw std::invalid_argument(made.error.release());
  index_ = std::move(made.index);
}

void Graph::reserve() {
  if (!index_.try_reserve(index_limits_t{capacity_, threads_})) throw std::bad_alloc();
}

void Graph::add(std::uint32_t slot, std::size_t expansion, unsigned thread) {
  Measure const measure{space_, slots_};
  Prefetch const prefetch{space_, slots_};
  index_update_config_t config;
  config.expansion = expansion;
  config.thread = thread;
  auto const record = [&](auto const& member) { slots_[get_slot(member)] = slot; };
  auto const insert = [&] {
    auto added = index_.add(slot, space_.row(slot), measure, config, record, prefetch);
    if (!added) throw std::runtime_error(added.error.release());
  };
  // The first node becomes the entry point outside of usearch's lock, so nobody may be inserting beside it.
  bool inserted = false;
  std::call_once(first_, [&] {
    RoomGuard guard(rooms_, RoomLock::kAlone);
    reserve();
    insert();
    inserted = true;
  });
  if (inserted) return;
  RoomGuard guard(rooms_, RoomLock::kAdd);
  insert();
}

std::vector<Neighbor> Graph::search(Space::Row query, std::size_t count, std::size_t expansion, AllowedBits allowed,
                                    unsigned thread) {
  RoomGuard guard(rooms_, RoomLock::kSearch);
  std::vector<Neighbor> found;
  if (index_.size() == 0) return found;
  Measure const measure{space_, slots_};
  Prefetch const prefetch{space_, slots_};
  index_search_config_t config;
  config.expansion = std::min(std::max(expansion, count), index_.size());
  config.thread = thread;
  auto const permitted = [&](auto const& member) { return allowed.test(slots_[get_slot(member)]); };
  auto result = index_.search(query, std::min(count, index_.size()), measure, config, permitted, prefetch);
  if (!result) throw std::runtime_error(result.error.release());
  found.reserve(result.size());
  for (std::size_t i = 0; i < result.size(); i++) {
    auto const match = result[i];
    found.push_back({match.distance, slots_[get_slot(match.member)]});
  }
  return found;
}

std::vector<std::byte> Graph::serialize() {
  RoomGuard guard(rooms_, RoomLock::kSearch);
  std::vector<std::byte> bytes;
  if (index_.size() == 0) return bytes;
  bytes.reserve(index_.serialized_length());
  auto written = index_.save_to_stream([&](void const* from, std::size_t length) {
    auto const* first = static_cast<std::byte const*>(from);
    bytes.insert(bytes.end(), first, first + length);
    return true;
  });
  if (!written) throw std::runtime_error(written.error.release());
  return bytes;
}

void Graph::restore(std::span<std::byte const> bytes, SlotBits const& present) {
  if (bytes.empty()) return;
  check_graph(bytes, {capacity_, index_.config().connectivity, index_.config().connectivity_base}, present);
  std::call_once(first_, [] {});
  RoomGuard guard(rooms_, RoomLock::kAlone);
  std::size_t offset = 0;
  auto read = index_.load_from_stream([&](void* to, std::size_t length) {
    if (length > bytes.size() - offset) return false;
    std::memcpy(to, bytes.data() + offset, length);
    offset += length;
    return true;
  });
  if (!read) throw FileError(read.error.release());
  for (std::size_t node = 0; node < index_.size(); node++) slots_[node] = std::uint32_t(get_key(index_.at(std::uint32_t(node))));
  reserve();
}

}  // namespace engine
