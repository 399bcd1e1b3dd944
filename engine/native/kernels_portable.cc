// Plain loops. Four sums side by side let any compiler use the registers its target has without reordering one long chain of additions.
#include "kernels.hpp"

namespace engine {
namespace {

template <typename Term>
float sum(float const* a, float const* b, std::size_t n, Term term) {
  float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += term(a[i], b[i]);
    s1 += term(a[i + 1], b[i + 1]);
    s2 += term(a[i + 2], b[i + 2]);
    s3 += term(a[i + 3], b[i + 3]);
  }
  for (; i < n; i++) s0 += term(a[i], b[i]);
  return (s0 + s1) + (s2 + s3);
}

float negative_dot(float const* a, float const* b, std::size_t n) {
  return -sum(a, b, n, [](float x, float y) { return x * y; });
}

float euclid(float const* a, float const* b, std::size_t n) {
  return sum(a, b, n, [](float x, float y) { return (x - y) * (x - y); });
}

float manhattan(float const* a, float const* b, std::size_t n) {
  return sum(a, b, n, [](float x, float y) { return x > y ? x - y : y - x; });
}

std::int32_t byte_dot(std::int8_t const* a, std::int8_t const* b, std::size_t n) {
  std::int32_t total = 0;
  for (std::size_t i = 0; i < n; i++) total += std::int32_t(a[i]) * std::int32_t(b[i]);
  return total;
}

bool supported() { return true; }

}  // namespace

KernelSet const kPortableKernels{"portable", supported, negative_dot, euclid, manhattan, byte_dot};

}  // namespace engine
