// Every set of kernels that this machine can run against sums in double precision, for every length and alignment around the widths of
// the vector registers. The rows end where their allocation ends, so the address sanitizer sees a read beyond a tail.
#include "kernels.hpp"

#include <cmath>
#include <memory>
#include <random>

#include "check.hpp"

namespace {

constexpr std::size_t kMostDimensions = 130;
constexpr std::size_t kMostOffset = 3;

bool near(double expected, double got, double scale) { return std::fabs(expected - got) <= 1e-5 * (scale + 1); }

void check_floats(engine::KernelSet const& kernels, std::size_t n, std::size_t offset, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::unique_ptr<float[]> const a(new float[n + offset]), b(new float[n + offset]);
  for (std::size_t i = 0; i < n + offset; i++) a[i] = normal(random), b[i] = normal(random);
  double dot = 0, euclid = 0, manhattan = 0, scale = 0;
  for (std::size_t i = offset; i < n + offset; i++) {
    double const x = a[i], y = b[i];
    dot += x * y;
    scale += std::fabs(x * y);
    euclid += (x - y) * (x - y);
    manhattan += std::fabs(x - y);
  }
  float const *pa = a.get() + offset, *pb = b.get() + offset;
  CHECK(near(-dot, kernels.negative_dot(pa, pb, n), scale));
  CHECK(near(euclid, kernels.euclid(pa, pb, n), euclid));
  CHECK(near(manhattan, kernels.manhattan(pa, pb, n), manhattan));
}

void check_bytes(engine::KernelSet const& kernels, std::size_t n, std::size_t offset, std::mt19937& random) {
  std::uniform_int_distribution<int> byte(-128, 127);
  std::unique_ptr<std::int8_t[]> const a(new std::int8_t[n + offset]), b(new std::int8_t[n + offset]);
  for (std::size_t i = 0; i < n + offset; i++) a[i] = std::int8_t(byte(random)), b[i] = std::int8_t(byte(random));
  std::int32_t expected = 0;
  for (std::size_t i = offset; i < n + offset; i++) expected += a[i] * b[i];
  CHECK(kernels.byte_dot(a.get() + offset, b.get() + offset, n) == expected);
  // The extremes, where a kernel with 16-bit sums would saturate.
  for (std::size_t i = 0; i < n + offset; i++) a[i] = b[i] = -128;
  CHECK(kernels.byte_dot(a.get() + offset, b.get() + offset, n) == std::int32_t(n) * 128 * 128);
}

}  // namespace

int main() {
  std::mt19937 random(1);
  for (std::size_t set = 0; set < engine::kCompiledKernelCount; set++) {
    engine::KernelSet const& kernels = *engine::kCompiledKernels[set];
    if (!kernels.supported()) continue;
    for (std::size_t n = 1; n <= kMostDimensions; n++)
      for (std::size_t offset = 0; offset <= kMostOffset; offset++) {
        check_floats(kernels, n, offset, random);
        check_bytes(kernels, n, offset, random);
      }
    for (std::size_t const n : {384u, 768u, 1536u, 4097u, 65536u}) {
      check_floats(kernels, n, 0, random);
      check_bytes(kernels, n, 0, random);
    }
    std::printf("kernels %s agree with the reference\n", kernels.name);
  }
}
