#include "file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace engine {
namespace {

[[noreturn]] void fail(char const* verb, std::string const& path) {
  throw std::system_error(errno, std::generic_category(), std::string(verb) + " " + path);
}

int open_or_fail(std::string const& path, int flags) {
  int descriptor;
  do descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) fail("open", path);
  return descriptor;
}

int sync_descriptor(int descriptor) {
#ifdef F_FULLFSYNC
  // fsync alone leaves the data in the drive's cache on macOS.
  if (fcntl(descriptor, F_FULLFSYNC) == 0) return 0;
#endif
  return fsync(descriptor);
}

}  // namespace

File File::create(std::string const& path) { return File(open_or_fail(path, O_WRONLY | O_CREAT | O_EXCL), path); }
File File::open_for_reading(std::string const& path) { return File(open_or_fail(path, O_RDONLY), path); }

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

void File::rename(std::string const& from, std::string const& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) fail("rename", to);
}

void File::remove(std::string const& path) noexcept { unlink(path.c_str()); }

void File::sync_folder_of(std::string const& path) {
  std::size_t const slash = path.rfind('/');
  std::string const folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  File const opened(open_or_fail(folder, O_RDONLY), folder);
  if (sync_descriptor(opened.descriptor_) != 0) fail("sync", folder);
}

std::uint64_t File::size() const {
  struct stat status;
  if (fstat(descriptor_, &status) != 0) fail("stat", path_);
  if (!S_ISREG(status.st_mode)) {
    errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    fail("read", path_);
  }
  return std::uint64_t(status.st_size);
}

void File::write_at(std::uint64_t offset, void const* data, std::size_t length) {
  auto const* from = static_cast<char const*>(data);
  while (length > 0) {
    ssize_t const written = pwrite(descriptor_, from, length, off_t(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("write", path_);
    from += written;
    offset += std::uint64_t(written);
    length -= std::size_t(written);
  }
}

bool File::read_at(std::uint64_t offset, void* data, std::size_t length) const {
  auto* to = static_cast<char*>(data);
  while (length > 0) {
    ssize_t const got = pread(descriptor_, to, length, off_t(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read", path_);
    if (got == 0) return false;
    to += got;
    offset += std::uint64_t(got);
    length -= std::size_t(got);
  }
  return true;
}

void File::sync() {
  if (sync_descriptor(descriptor_) != 0) fail("sync", path_);
}

}  // namespace engine
