#include "kernels.hpp"

namespace engine {

KernelSet const* const kCompiledKernels[] = {
#if defined(__x86_64__)
    &kAvx512Kernels,
    &kAvx2Kernels,
#elif defined(__aarch64__)
    &kNeonKernels,
#endif
    &kPortableKernels,
};
std::size_t const kCompiledKernelCount = sizeof(kCompiledKernels) / sizeof(kCompiledKernels[0]);

KernelSet const& best_kernels() {
  static KernelSet const* const best = [] {
    for (KernelSet const* set : kCompiledKernels)
      if (set->supported()) return set;
    return &kPortableKernels;
  }();
  return *best;
}

}  // namespace engine
