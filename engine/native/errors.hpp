#pragma once

#include <stdexcept>

namespace engine {

/// A saved segment that cannot be trusted: truncated, damaged, or made with other options.
struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace engine
