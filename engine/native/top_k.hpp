// The k nearest seen so far, in a heap with the farthest on top. Equal distances are ordered by slot, so an answer does not depend on
// the order in which slots were scanned.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace engine {

struct Neighbor {
  float distance;
  std::uint32_t slot;

  bool operator<(Neighbor const& other) const {
    return distance != other.distance ? distance < other.distance : slot < other.slot;
  }
};

/// Overflow of finite inputs can give NaN, which no ordering survives.
inline float ordered(float distance) { return distance == distance ? distance : std::numeric_limits<float>::max(); }

class TopK {
 public:
  explicit TopK(std::size_t k) : k_(k) {}

  void offer(Neighbor candidate) {
    if (heap_.size() < k_) {
      heap_.push_back(candidate);
      std::push_heap(heap_.begin(), heap_.end());
    } else if (candidate < heap_.front()) {
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.back() = candidate;
      std::push_heap(heap_.begin(), heap_.end());
    }
  }

  /// Nearest first.
  std::vector<Neighbor> take() {
    std::sort_heap(heap_.begin(), heap_.end());
    return std::move(heap_);
  }

 private:
  std::size_t k_;
  std::vector<Neighbor> heap_;
};

}  // namespace engine
