#include "segment.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

namespace engine {
namespace {

bool all_finite(std::span<float const> vector) {
  return std::all_of(vector.begin(), vector.end(), [](float x) { return std::isfinite(x); });
}

/// In double, so that neither huge nor tiny finite components overflow or vanish. Zero stays zero.
void scale_to_unit(std::span<float> vector) {
  double squares = 0;
  for (float const x : vector) squares += double(x) * double(x);
  if (squares == 0) return;
  double const inverse = 1 / std::sqrt(squares);
  for (float& x : vector) x = float(double(x) * inverse);
}

}  // namespace

void SegmentOptions::validate() const {
  if (dimension < 1 || dimension > 65536) throw std::invalid_argument("dimension must be 1 to 65536");
  if (capacity < 1 || capacity > (1u << 30)) throw std::invalid_argument("capacity must be 1 to 2^30");
  if (connectivity < 2 || connectivity > 1024) throw std::invalid_argument("connectivity must be 2 to 1024");
  if (expansion_add < 1 || expansion_add > 65536) throw std::invalid_argument("expansionAdd must be 1 to 65536");
  if (std::uint32_t(metric) > std::uint32_t(Metric::kManhattan)) throw std::invalid_argument("unknown metric");
  if (std::uint32_t(traversal) > std::uint32_t(Traversal::kBytes)) throw std::invalid_argument("unknown traversal");
  if (traversal == Traversal::kBytes && metric == Metric::kManhattan)
    throw std::invalid_argument("int8 traversal is not built for manhattan");
}

Segment::Segment(SegmentOptions options, unsigned threads)
    : options_((options.validate(), options)),
      rows_(options.capacity, Space::row_bytes(Space::Kind::kFloats, options.dimension)),
      space_(rows_, Space::Kind::kFloats, options.metric, options.dimension),
      byte_rows_(quantised() ? options.capacity : 1, Space::row_bytes(Space::Kind::kBytes, options.dimension)),
      walked_(quantised() ? Space(byte_rows_, Space::Kind::kBytes, options.metric, options.dimension) : space_),
      present_(options.capacity),
      indexed_(options.capacity),
      claimed_(options.capacity),
      graph_(walked_, options.capacity, options.connectivity, threads) {}

void Segment::put(std::span<std::uint32_t const> slots, float const* vectors) {
  for (std::uint32_t const slot : slots) {
    if (slot >= options_.capacity)
      throw std::out_of_range("slot " + std::to_string(slot) + " is beyond the capacity of " + std::to_string(options_.capacity));
    if (present_.test(slot)) throw std::out_of_range("slot " + std::to_string(slot) + " is already filled");
  }
  if (!std::is_sorted(slots.begin(), slots.end(), std::less_equal<>())) {
    std::vector<std::uint32_t> sorted(slots.begin(), slots.end());
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) throw std::out_of_range("a slot is given twice");
  }
  // Rows are filled and examined where they will stay; without its bit in `present_` a row that turns out bad was never there.
  for (std::size_t i = 0; i < slots.size(); i++) {
    std::span<float> const row(reinterpret_cast<float*>(rows_.row(slots[i])), options_.dimension);
    std::memcpy(row.data(), vectors + i * options_.dimension, row.size_bytes());
    if (!all_finite(row)) throw std::out_of_range("vector " + std::to_string(i) + " has a component that is not finite");
    if (options_.metric == Metric::kCosine) scale_to_unit(row);
    derive(slots[i]);
  }
  for (std::uint32_t const slot : slots) present_.set(slot);
  {
    std::lock_guard lock(claim_mutex_);
    for (std::uint32_t const slot : slots) claim_from_ = std::min(claim_from_, std::size_t(slot / 64));
  }
  count_.fetch_add(slots.size(), std::memory_order_release);
}

void Segment::derive(std::uint32_t slot) {
  if (quantised()) Space::quantise(reinterpret_cast<float const*>(rows_.row(slot)), options_.dimension, byte_rows_.row(slot));
}

float const* Segment::get(std::uint32_t slot) const {
  if (slot >= options_.capacity || !present_.test(slot)) return nullptr;
  return reinterpret_cast<float const*>(rows_.row(slot));
}

std::optional<std::uint32_t> Segment::claim() {
  std::lock_guard lock(claim_mutex_);
  for (; claim_from_ < present_.words(); claim_from_++) {
    std::uint64_t const open = present_.word(claim_from_) & ~claimed_.word(claim_from_);
    if (open == 0) continue;
    auto const slot = std::uint32_t(claim_from_ * 64 + std::size_t(std::countr_zero(open)));
    claimed_.set(slot);
    return slot;
  }
  return std::nullopt;
}

bool Segment::index_next(unsigned thread) {
  if (closed()) return false;
  if (indexed_count() == count()) return false;
  auto const slot = claim();
  if (!slot) return false;
  graph_.add(*slot, options_.expansion_add, thread);
  indexed_.set(*slot);
  indexed_count_.fetch_add(1, std::memory_order_release);
  return true;
}

bool Segment::scanning_is_cheaper(SearchRequest const& request) const {
  if (request.exact) return true;
  double const indexed = double(indexed_count());
  if (indexed == 0) return true;
  // A walk that may return a share s of what it meets has to meet about expansion / s rows, each met at random and after its links were
  // read; a scan reads allowed rows in order. They cost the same where allowed^2 = constant * expansion * indexed. Measured with
  // bench/crossover.ts at 384 dimensions: 14 with 10,000 and with 60,000 vectors walked as bytes, 28 walked as floats, which is 30 % of
  // the smaller and 12 % of the larger set.
  double const walk_to_scan = quantised() ? 14 : 28;
  double const allowed = double(request.allowed_count);
  return allowed * allowed <= walk_to_scan * double(std::max(request.expansion, request.k)) * indexed;
}

std::optional<std::size_t> Segment::scan_cost(SearchRequest const& request) const {
  if (!scanning_is_cheaper(request)) return std::nullopt;
  return std::min(request.allowed_count, count()) * options_.dimension + present_.words();
}

void Segment::scan_word(std::size_t word, std::uint64_t bits, Space::Row query, TopK& top) const {
  for (; bits != 0; bits &= bits - 1) {
    auto const slot = std::uint32_t(word * 64 + std::size_t(std::countr_zero(bits)));
    top.offer({space_.between(query, space_.row(slot)), slot});
  }
}

std::vector<Neighbor> Segment::scan(SearchRequest const& request) const {
  AllowedBits const allowed(request.allowed);
  auto const* const query = reinterpret_cast<Space::Row>(request.vector.data());
  std::size_t const words = std::min(present_.words(), (request.allowed.size() + 1) / 2);
  TopK top(request.k);
  for (std::size_t word = 0; word < words; word++) {
    std::uint64_t const wanted = allowed.word64(word);
    if (wanted != 0) scan_word(word, wanted & present_.word(word), query, top);
  }
  return top.take();
}

std::vector<Neighbor> Segment::walk(SearchRequest const& request, unsigned thread) {
  AllowedBits const allowed(request.allowed);
  auto const* const query = reinterpret_cast<Space::Row>(request.vector.data());
  TopK top(request.k);
  std::vector<std::uint32_t> scanned;
  if (indexed_count() != count()) {
    for (std::size_t word = 0; word < present_.words(); word++) {
      // The order of the two loads does not matter: a slot that becomes present between them is newer than this search.
      std::uint64_t const waiting = present_.word(word) & ~indexed_.word(word) & allowed.word64(word);
      if (waiting == 0) continue;
      scan_word(word, waiting, query, top);
      for (std::uint64_t bits = waiting; bits != 0; bits &= bits - 1)
        scanned.push_back(std::uint32_t(word * 64 + std::size_t(std::countr_zero(bits))));
    }
  }
  std::vector<Neighbor> const met = walk_graph(request, thread);
  // The walk may end short of k in a graph that the filter or duplicates have cut in pieces.
  if (met.size() < std::min(request.k, request.allowed_count) && met.size() + scanned.size() < std::min(request.k, count()))
    return scan(request);
  for (Neighbor const& neighbor : met)
    if (!std::binary_search(scanned.begin(), scanned.end(), neighbor.slot)) top.offer(neighbor);
  return top.take();
}

std::vector<Neighbor> Segment::walk_graph(SearchRequest const& request, unsigned thread) {
  AllowedBits const allowed(request.allowed);
  auto const* const query = reinterpret_cast<Space::Row>(request.vector.data());
  if (!quantised()) return graph_.search(query, request.k, request.expansion, allowed, thread);
  // Bytes misjudge close calls, so more than k are measured again. Twice k brings back what they lost at 384 dimensions; more costs time
  // and finds nothing (engine/README.md).
  constexpr std::size_t kRescoredForEachHit = 2;
  std::vector<std::byte> bytes(Space::row_bytes(Space::Kind::kBytes, options_.dimension));
  Space::quantise(request.vector.data(), options_.dimension, bytes.data());
  std::vector<Neighbor> met = graph_.search(bytes.data(), kRescoredForEachHit * request.k, request.expansion, allowed, thread);
  for (Neighbor const& neighbor : met) space_.prefetch(neighbor.slot);
  for (Neighbor& neighbor : met) neighbor.distance = space_.between(query, space_.row(neighbor.slot));
  return met;
}

std::vector<Neighbor> Segment::search(SearchRequest const& request, unsigned thread) {
  return scanning_is_cheaper(request) ? scan(request) : walk(request, thread);
}

void Segment::normalise_query(std::span<float> vector) const {
  if (!all_finite(vector)) throw std::out_of_range("the query has a component that is not finite");
  if (options_.metric == Metric::kCosine) scale_to_unit(vector);
}

float Segment::score(float distance) const {
  switch (options_.metric) {
    case Metric::kCosine:
    case Metric::kDot:
      return -distance;
    case Metric::kEuclid:
      return std::sqrt(distance);
    case Metric::kManhattan:
      return distance;
  }
  return distance;
}

}  // namespace engine
