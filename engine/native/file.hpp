// A file descriptor with errors that carry the path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace engine {

class File {
 public:
  /// Throw std::system_error.
  static File create(std::string const& path);
  static File open_for_reading(std::string const& path);
  static void rename(std::string const& from, std::string const& to);
  static void remove(std::string const& path) noexcept;
  static void sync_folder_of(std::string const& path);

  ~File();
  File(File&& other) noexcept;
  File& operator=(File&&) = delete;

  std::uint64_t size() const;
  void write_at(std::uint64_t offset, void const* data, std::size_t length);
  /// False when the file ends before `length` bytes.
  bool read_at(std::uint64_t offset, void* data, std::size_t length) const;
  void sync();

 private:
  File(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_;
  std::string path_;
};

}  // namespace engine
