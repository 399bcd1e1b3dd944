// Distances between two vectors, smaller is nearer, in one set of functions for each instruction set; the best set that this
// processor can run is chosen once, at run time, so one binary serves every machine of its architecture.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engine {

using FloatDistance = float (*)(float const* a, float const* b, std::size_t n);
/// Sum of products of two rows of signed bytes.
using ByteDot = std::int32_t (*)(std::int8_t const* a, std::int8_t const* b, std::size_t n);

struct KernelSet {
  char const* name;
  bool (*supported)();
  /// Minus the inner product.
  FloatDistance negative_dot;
  /// Squared.
  FloatDistance euclid;
  FloatDistance manhattan;
  ByteDot byte_dot;
};

extern KernelSet const kPortableKernels;
#if defined(__x86_64__)
extern KernelSet const kAvx2Kernels;
extern KernelSet const kAvx512Kernels;
#elif defined(__aarch64__)
extern KernelSet const kNeonKernels;
#endif

/// Every set compiled in, best first; not all of them run on this machine.
extern KernelSet const* const kCompiledKernels[];
extern std::size_t const kCompiledKernelCount;

KernelSet const& best_kernels();

}  // namespace engine
