// Recall of the graph on random data, and searches, adds and puts at the same time: under the thread sanitizer the second is the proof
// that the claims about threads in segment.hpp hold.
#include <atomic>
#include <random>
#include <set>
#include <thread>

#include "check.hpp"
#include "segment.hpp"

namespace {

using namespace engine;

constexpr std::size_t kDimension = 24;
constexpr std::size_t kNeighbors = 10;

std::vector<float> random_vectors(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> vectors(count * kDimension);
  for (float& x : vectors) x = normal(random);
  return vectors;
}

std::vector<std::uint32_t> slots_between(std::uint32_t from, std::uint32_t to) {
  std::vector<std::uint32_t> slots;
  for (; from < to; from++) slots.push_back(from);
  return slots;
}

SearchRequest request_for(Segment const& segment, float const* query, std::size_t capacity, bool exact) {
  SearchRequest request{std::vector<float>(query, query + kDimension), kNeighbors, 64, exact,
                        std::vector<std::uint32_t>((capacity + 31) / 32, ~0u), capacity * 1000};
  segment.normalise_query(request.vector);
  return request;
}

void recall_is_high(Metric metric, Traversal traversal) {
  constexpr std::uint32_t kCount = 5000;
  Segment segment({kDimension, metric, kCount, 16, 128, traversal}, 1);
  std::vector<float> const vectors = random_vectors(kCount, 1), queries = random_vectors(50, 2);
  segment.put(slots_between(0, kCount), vectors.data());
  while (segment.index_next(0)) {
  }
  CHECK(segment.indexed_count() == kCount);
  std::size_t common = 0;
  for (std::size_t query = 0; query < 50; query++) {
    float const* const vector = queries.data() + query * kDimension;
    std::set<std::uint32_t> truth;
    for (Neighbor const& hit : segment.search(request_for(segment, vector, kCount, true), 0)) truth.insert(hit.slot);
    CHECK(truth.size() == kNeighbors);
    for (Neighbor const& hit : segment.search(request_for(segment, vector, kCount, false), 0)) common += truth.count(hit.slot);
  }
  double const recall = double(common) / (50 * kNeighbors);
  std::printf("metric %u, traversal %u: recall %.3f\n", unsigned(metric), unsigned(traversal), recall);
  CHECK(recall >= 0.9);
}

void searches_beside_adds_and_puts(Traversal traversal) {
  constexpr std::uint32_t kCapacity = 2000, kBatch = 50;
  Segment segment({kDimension, Metric::kEuclid, kCapacity, 8, 40, traversal}, 4);
  std::vector<float> const vectors = random_vectors(kCapacity, 3);
  std::atomic<bool> filled{false};
  std::atomic<std::uint32_t> published{0};
  std::atomic<unsigned> searches{0}, missed{0};
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < 2; thread++)
    threads.emplace_back([&, thread] {
      while (!filled || segment.indexed_count() < kCapacity)
        if (!segment.index_next(thread)) std::this_thread::yield();
    });
  for (unsigned thread = 2; thread < 4; thread++)
    threads.emplace_back([&, thread] {
      std::mt19937 random(thread);
      while (!filled || segment.indexed_count() < kCapacity) {
        std::uint32_t const limit = published;
        if (limit == 0) continue;
        std::uint32_t const wanted = std::uint32_t(random() % limit);
        bool const exact = random() % 8 == 0;
        auto const hits = segment.search(request_for(segment, vectors.data() + wanted * kDimension, kCapacity, exact), thread);
        // What was put before the search began is there, in the graph or not, and each slot once.
        std::set<std::uint32_t> slots;
        for (Neighbor const& hit : hits) slots.insert(hit.slot);
        CHECK(slots.size() == hits.size() && hits.size() == kNeighbors);
        // A walk may miss even a vector that is there, a scan may not.
        CHECK(!exact || hits.front().distance == 0);
        searches++;
        missed += hits.front().distance != 0;
      }
    });
  for (std::uint32_t from = 0; from < kCapacity; from += kBatch) {
    segment.put(slots_between(from, from + kBatch), vectors.data() + from * kDimension);
    published = from + kBatch;
  }
  filled = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(segment.count() == kCapacity && segment.indexed_count() == kCapacity);
  std::printf("beside adds and puts %u searches, %u misses\n", searches.load(), missed.load());
  CHECK(missed * 20 <= searches);
}

}  // namespace

int main() {
  for (Metric const metric : {Metric::kCosine, Metric::kEuclid, Metric::kManhattan}) recall_is_high(metric, Traversal::kFloats);
  for (Metric const metric : {Metric::kCosine, Metric::kEuclid}) recall_is_high(metric, Traversal::kBytes);
  for (Traversal const traversal : {Traversal::kFloats, Traversal::kBytes}) searches_beside_adds_and_puts(traversal);
}
