// Saved segments with damage whose checksums were made to fit: opening either refuses with FileError or gives a segment that can be
// searched and added to. Under the address sanitizer this is the proof that graph_check.cc leaves nothing out.
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "check.hpp"
#include "crc32c.hpp"
#include "segment_file.hpp"

namespace {

using namespace engine;
using Bytes = std::vector<char>;

constexpr SegmentOptions kOptions{7, Metric::kCosine, 300, 6, 24, Traversal::kBytes};
constexpr std::size_t kHeader = 96, kHeaderCrc = 92, kSections = 40, kSectionBytes = 16;
constexpr unsigned kRounds = 4000;

std::uint64_t number_at(Bytes const& bytes, std::size_t at) {
  std::uint64_t number;
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

void seal(Bytes& bytes) {
  std::size_t from = kHeader;
  for (std::size_t section = 0; section < 3; section++) {
    std::uint64_t const length = number_at(bytes, kSections + section * kSectionBytes);
    if (length > bytes.size() - from) break;
    std::uint32_t const crc = crc32c(bytes.data() + from, length);
    std::memcpy(bytes.data() + kSections + section * kSectionBytes + 8, &crc, sizeof(crc));
    from += length;
  }
  std::uint32_t const crc = crc32c(bytes.data(), kHeaderCrc);
  std::memcpy(bytes.data() + kHeaderCrc, &crc, sizeof(crc));
}

void use(Segment& segment) {
  SearchRequest const request{std::vector<float>(7, 0.4f), 5, 50, false, std::vector<std::uint32_t>(10, ~0u), 1u << 30};
  segment.search(request, 0);
  while (segment.index_next(0)) {
  }
  segment.search(request, 0);
}

Bytes saved(std::string const& path) {
  Segment segment(kOptions, 1);
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  for (std::uint32_t slot = 20; slot < 260; slot++) {
    float row[7];
    for (float& x : row) x = normal(random);
    segment.put({&slot, 1}, row);
  }
  for (int added = 0; added < 200; added++) CHECK(segment.index_next(0));
  CHECK(SegmentFile::save(segment, path) > kHeader);
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

int main() {
  CHECK(crc32c("123456789", 9) == 0xe3069283);
  std::string const path = std::filesystem::temp_directory_path() / ("segment-file-test-" + std::to_string(getpid()));
  Bytes const bytes = saved(path);
  std::size_t const graph = kHeader + number_at(bytes, kSections) + number_at(bytes, kSections + kSectionBytes);
  std::mt19937 random(1);
  unsigned opened = 0, refused = 0;
  for (unsigned round = 0; round < kRounds; round++) {
    Bytes damaged = bytes;
    // A third anywhere, a third in the graph, a third in the numbers at its head.
    std::size_t const low = round % 3 == 0 ? 8 : graph, high = round % 3 == 2 ? graph + 40 : damaged.size();
    std::size_t const at = low + random() % (high - low);
    damaged[at] = char(random());
    if (round % 5 == 0) damaged.resize(damaged.size() - random() % 200);
    seal(damaged);
    std::ofstream(path, std::ios::binary | std::ios::trunc).write(damaged.data(), std::streamsize(damaged.size()));
    try {
      use(*SegmentFile::open(path, kOptions, 1));
      opened++;
    } catch (FileError const&) {
      refused++;
    }
  }
  unlink(path.c_str());
  std::printf("damaged files: %u refused, %u were still a segment\n", refused, opened);
  CHECK(opened > 0 && refused > 0);
}
