// Compiled with -mavx2 -mfma. As in kernels_avx512.cc, nothing from the standard library may be included here.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.hpp"

namespace engine {
namespace {

struct Dot {
  static __m256 step(__m256 sum, __m256 a, __m256 b) { return _mm256_fmadd_ps(a, b, sum); }
  static float term(float a, float b) { return a * b; }
};
struct Euclid {
  static __m256 step(__m256 sum, __m256 a, __m256 b) {
    __m256 const difference = _mm256_sub_ps(a, b);
    return _mm256_fmadd_ps(difference, difference, sum);
  }
  static float term(float a, float b) { return (a - b) * (a - b); }
};
struct Manhattan {
  static __m256 step(__m256 sum, __m256 a, __m256 b) {
    __m256 const sign = _mm256_set1_ps(-0.0f);
    return _mm256_add_ps(sum, _mm256_andnot_ps(sign, _mm256_sub_ps(a, b)));
  }
  static float term(float a, float b) { return a > b ? a - b : b - a; }
};

float add_lanes(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

template <typename Op>
float reduce(float const* a, float const* b, std::size_t n) {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  std::size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    s0 = Op::step(s0, _mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
    s1 = Op::step(s1, _mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8));
    s2 = Op::step(s2, _mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16));
    s3 = Op::step(s3, _mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24));
  }
  for (; i + 8 <= n; i += 8) s0 = Op::step(s0, _mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
  float total = add_lanes(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
  for (; i < n; i++) total += Op::term(a[i], b[i]);
  return total;
}

float negative_dot(float const* a, float const* b, std::size_t n) { return -reduce<Dot>(a, b, n); }
float euclid(float const* a, float const* b, std::size_t n) { return reduce<Euclid>(a, b, n); }
float manhattan(float const* a, float const* b, std::size_t n) { return reduce<Manhattan>(a, b, n); }

std::int32_t byte_dot(std::int8_t const* a, std::int8_t const* b, std::size_t n) {
  __m256i s0 = _mm256_setzero_si256(), s1 = s0;
  std::size_t i = 0;
  auto wide = [](std::int8_t const* from) { return _mm256_cvtepi8_epi16(_mm_loadu_si128((__m128i const*)from)); };
  for (; i + 32 <= n; i += 32) {
    s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(wide(a + i), wide(b + i)));
    s1 = _mm256_add_epi32(s1, _mm256_madd_epi16(wide(a + i + 16), wide(b + i + 16)));
  }
  __m256i const both = _mm256_add_epi32(s0, s1);
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
  std::int32_t total = _mm_cvtsi128_si32(s);
  for (; i < n; i++) total += std::int32_t(a[i]) * std::int32_t(b[i]);
  return total;
}

bool supported() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

}  // namespace

KernelSet const kAvx2Kernels{"avx2", supported, negative_dot, euclid, manhattan, byte_dot};

}  // namespace engine
#endif
