// Compiled with AVX-512 flags. Nothing from the standard library may be included here: an inline function emitted in this file could
// be the copy the linker keeps for the whole addon, and would then fault on a processor without AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.hpp"

namespace engine {
namespace {

struct Dot {
  static __m512 step(__m512 sum, __m512 a, __m512 b) { return _mm512_fmadd_ps(a, b, sum); }
};
struct Euclid {
  static __m512 step(__m512 sum, __m512 a, __m512 b) {
    __m512 const difference = _mm512_sub_ps(a, b);
    return _mm512_fmadd_ps(difference, difference, sum);
  }
};
struct Manhattan {
  static __m512 step(__m512 sum, __m512 a, __m512 b) { return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(a, b))); }
};

template <typename Op>
float reduce(float const* a, float const* b, std::size_t n) {
  __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  std::size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    s0 = Op::step(s0, _mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i));
    s1 = Op::step(s1, _mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16));
    s2 = Op::step(s2, _mm512_loadu_ps(a + i + 32), _mm512_loadu_ps(b + i + 32));
    s3 = Op::step(s3, _mm512_loadu_ps(a + i + 48), _mm512_loadu_ps(b + i + 48));
  }
  for (; i + 16 <= n; i += 16) s0 = Op::step(s0, _mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i));
  if (i < n) {
    // Lanes beyond the end load as zero from both sides and add nothing; masked loads do not touch their memory.
    __mmask16 const tail = __mmask16((1u << (n - i)) - 1u);
    s1 = Op::step(s1, _mm512_maskz_loadu_ps(tail, a + i), _mm512_maskz_loadu_ps(tail, b + i));
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s0, s1), _mm512_add_ps(s2, s3)));
}

float negative_dot(float const* a, float const* b, std::size_t n) { return -reduce<Dot>(a, b, n); }
float euclid(float const* a, float const* b, std::size_t n) { return reduce<Euclid>(a, b, n); }
float manhattan(float const* a, float const* b, std::size_t n) { return reduce<Manhattan>(a, b, n); }

std::int32_t byte_dot(std::int8_t const* a, std::int8_t const* b, std::size_t n) {
  // VNNI multiplies unsigned by signed bytes. a + 128 is unsigned; the 128 times the sum of b that this adds is taken off again.
  __m512i const offset = _mm512_set1_epi8(char(0x80));
  __m512i const ones = _mm512_set1_epi8(1);
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, sum_b = s0;
  std::size_t i = 0;
  for (; i + 128 <= n; i += 128) {
    __m512i const b0 = _mm512_loadu_si512(b + i), b1 = _mm512_loadu_si512(b + i + 64);
    s0 = _mm512_dpbusd_epi32(s0, _mm512_xor_si512(_mm512_loadu_si512(a + i), offset), b0);
    s1 = _mm512_dpbusd_epi32(s1, _mm512_xor_si512(_mm512_loadu_si512(a + i + 64), offset), b1);
    sum_b = _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(sum_b, ones, b0), ones, b1);
  }
  for (; i < n; i += 64) {
    std::size_t const left = n - i;
    __mmask64 const tail = left >= 64 ? ~__mmask64(0) : (__mmask64(1) << left) - 1;
    __m512i const b0 = _mm512_maskz_loadu_epi8(tail, b + i);
    s0 = _mm512_dpbusd_epi32(s0, _mm512_xor_si512(_mm512_maskz_loadu_epi8(tail, a + i), offset), b0);
    sum_b = _mm512_dpbusd_epi32(sum_b, ones, b0);
  }
  return _mm512_reduce_add_epi32(_mm512_sub_epi32(_mm512_add_epi32(s0, s1), _mm512_slli_epi32(sum_b, 7)));
}

bool supported() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
}

}  // namespace

KernelSet const kAvx512Kernels{"avx512", supported, negative_dot, euclid, manhattan, byte_dot};

}  // namespace engine
#endif
