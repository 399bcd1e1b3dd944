// NEON is part of every 64-bit ARM, so no flags and no test at run time.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "kernels.hpp"

namespace engine {
namespace {

struct Dot {
  static float32x4_t step(float32x4_t sum, float32x4_t a, float32x4_t b) { return vfmaq_f32(sum, a, b); }
  static float term(float a, float b) { return a * b; }
};
struct Euclid {
  static float32x4_t step(float32x4_t sum, float32x4_t a, float32x4_t b) {
    float32x4_t const difference = vsubq_f32(a, b);
    return vfmaq_f32(sum, difference, difference);
  }
  static float term(float a, float b) { return (a - b) * (a - b); }
};
struct Manhattan {
  static float32x4_t step(float32x4_t sum, float32x4_t a, float32x4_t b) { return vaddq_f32(sum, vabdq_f32(a, b)); }
  static float term(float a, float b) { return a > b ? a - b : b - a; }
};

template <typename Op>
float reduce(float const* a, float const* b, std::size_t n) {
  float32x4_t s0 = vdupq_n_f32(0), s1 = s0, s2 = s0, s3 = s0;
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    s0 = Op::step(s0, vld1q_f32(a + i), vld1q_f32(b + i));
    s1 = Op::step(s1, vld1q_f32(a + i + 4), vld1q_f32(b + i + 4));
    s2 = Op::step(s2, vld1q_f32(a + i + 8), vld1q_f32(b + i + 8));
    s3 = Op::step(s3, vld1q_f32(a + i + 12), vld1q_f32(b + i + 12));
  }
  float total = vaddvq_f32(vaddq_f32(vaddq_f32(s0, s1), vaddq_f32(s2, s3)));
  for (; i < n; i++) total += Op::term(a[i], b[i]);
  return total;
}

float negative_dot(float const* a, float const* b, std::size_t n) { return -reduce<Dot>(a, b, n); }
float euclid(float const* a, float const* b, std::size_t n) { return reduce<Euclid>(a, b, n); }
float manhattan(float const* a, float const* b, std::size_t n) { return reduce<Manhattan>(a, b, n); }

std::int32_t byte_dot(std::int8_t const* a, std::int8_t const* b, std::size_t n) {
  int32x4_t sum = vdupq_n_s32(0);
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    int8x16_t const va = vld1q_s8(a + i), vb = vld1q_s8(b + i);
    sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(va), vget_low_s8(vb)));
    sum = vpadalq_s16(sum, vmull_high_s8(va, vb));
  }
  std::int32_t total = vaddvq_s32(sum);
  for (; i < n; i++) total += std::int32_t(a[i]) * std::int32_t(b[i]);
  return total;
}

bool supported() { return true; }

}  // namespace

KernelSet const kNeonKernels{"neon", supported, negative_dot, euclid, manhattan, byte_dot};

}  // namespace engine
#endif
