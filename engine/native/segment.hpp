// One segment: rows by slot, the graph over them, and the choice between walking the graph and scanning.
//
// Threads: `put` is called by one thread at a time; everything else by any number at once, beside it. A row is written before its bit in
// `present_` is set (release) and never changes afterwards; readers look at rows only below a bit they have seen (acquire). `indexed_`
// is set after the graph holds the slot. A search notes which present slots are not indexed *before* it walks the graph, so a vector that
// enters the graph meanwhile is found by the scan, by the walk, or by both, and never by neither.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "graph.hpp"
#include "slab.hpp"
#include "slot_bits.hpp"
#include "space.hpp"
#include "top_k.hpp"

namespace engine {

/// What the graph is walked with. kBytes keeps a second copy of the vectors at a quarter of the size for the walk, whose cost is mostly
/// waiting for memory, and measures the best it meets again with the floats.
enum class Traversal : std::uint32_t { kFloats = 0, kBytes = 1 };

struct SegmentOptions {
  std::uint32_t dimension;
  Metric metric;
  std::uint32_t capacity;
  std::uint32_t connectivity;
  std::uint32_t expansion_add;
  Traversal traversal;

  /// Throws std::invalid_argument.
  void validate() const;
};

struct SearchRequest {
  /// Already normalised for cosine.
  std::vector<float> vector;
  std::size_t k;
  std::size_t expansion;
  bool exact;
  std::vector<std::uint32_t> allowed;
  std::size_t allowed_count;
};

class Segment {
 public:
  /// `threads` bounds the `thread` arguments below.
  Segment(SegmentOptions options, unsigned threads);

  SegmentOptions const& options() const { return options_; }
  std::size_t count() const { return count_.load(std::memory_order_acquire); }
  std::size_t indexed_count() const { return indexed_count_.load(std::memory_order_acquire); }

  /// All or nothing. Throws std::out_of_range.
  void put(std::span<std::uint32_t const> slots, float const* vectors);
  float const* get(std::uint32_t slot) const;

  /// Adds the lowest slot not yet in the graph, nor being added, to it. False when there is none.
  bool index_next(unsigned thread);

  std::vector<Neighbor> search(SearchRequest const& request, unsigned thread);
  /// Additions and multiplications a search would cost if it needs no graph; nothing if it does.
  std::optional<std::size_t> scan_cost(SearchRequest const& request) const;
  /// Looks at every allowed row; takes no lock, so it may run on a thread that must not wait.
  std::vector<Neighbor> scan(SearchRequest const& request) const;

  /// In place; throws std::out_of_range for NaN and infinities.
  void normalise_query(std::span<float> vector) const;
  float score(float distance) const;

  /// Makes index_next stop; memory lives until the last holder lets go.
  void close() { closed_.store(true, std::memory_order_relaxed); }
  bool closed() const { return closed_.load(std::memory_order_relaxed); }

 private:
  friend class SegmentFile;

  void scan_word(std::size_t word, std::uint64_t bits, Space::Row query, TopK& top) const;
  std::vector<Neighbor> walk(SearchRequest const& request, unsigned thread);
  std::vector<Neighbor> walk_graph(SearchRequest const& request, unsigned thread);
  bool quantised() const { return options_.traversal == Traversal::kBytes; }
  /// Fills what is derived from a row of floats.
  void derive(std::uint32_t slot);
  bool scanning_is_cheaper(SearchRequest const& request) const;
  std::optional<std::uint32_t> claim();

  SegmentOptions options_;
  Slab rows_;
  Space space_;
  /// One slot large when nothing is quantised.
  Slab byte_rows_;
  Space walked_;
  SlotBits present_;
  SlotBits indexed_;
  SlotBits claimed_;
  std::mutex claim_mutex_;
  std::size_t claim_from_ = 0;
  std::atomic<std::size_t> count_{0};
  std::atomic<std::size_t> indexed_count_{0};
  std::atomic<bool> closed_{false};
  Graph graph_;
};

}  // namespace engine
