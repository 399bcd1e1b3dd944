// A segment as one file:
//
//   header     kHeaderBytes: magic, version, options, counts, length and crc32c of each section, crc32c of the header itself
//   presence   one bit for each slot, 64-bit words
//   vectors    the rows of present slots in ascending order, without padding; quantised copies are made again from them
//   graph      usearch's stream, nothing when no vector is indexed
//
// Written under a temporary name, synced, renamed, and the folder synced: the name shows the old file or the whole new one.
#pragma once

#include <memory>
#include <string>

#include "errors.hpp"
#include "segment.hpp"

namespace engine {

class SegmentFile {
 public:
  /// Beside searches, adds and puts; holds the vectors that were there when it began and perhaps later ones. Gives the size in bytes.
  /// Throws std::system_error.
  static std::uint64_t save(Segment& segment, std::string const& path);

  /// Throws FileError, or std::system_error when the file cannot be read.
  static std::shared_ptr<Segment> open(std::string const& path, SegmentOptions options, unsigned threads);
};

}  // namespace engine
