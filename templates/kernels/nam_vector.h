/*
 * NAM_LANES frames at a time: every operation of nam_math.h on a vector, lane by lane the same
 * bits.
 *
 * The generated C defines NAM_LANES. It becomes one register of AVX-512 (16), AVX2 with FMA3 (8),
 * NEON on AArch64 (4) or WebAssembly's SIMD (2) where the compiler may use them, and plain C
 * everywhere else.
 */
#ifndef NAM_VECTOR_H
#define NAM_VECTOR_H

#include "nam_math.h"
#include "nam_platform.h"

#if !defined(NAM_LANES)
#error "namgen: define NAM_LANES before including nam_vector.h"
#endif

#if NAM_LANES == 16 && defined(__AVX512F__) && defined(__AVX512DQ__)
#define NAM_VECTOR_AVX512 1
#include <immintrin.h>
#elif NAM_LANES == 8 && defined(__AVX2__) && defined(__FMA__) && defined(__x86_64__)
#define NAM_VECTOR_AVX2 1
#include <immintrin.h>
#elif NAM_LANES == 4 && defined(__aarch64__) && defined(__ARM_NEON)
#define NAM_VECTOR_NEON 1
#include <arm_neon.h>
#endif

/* A short function that belongs into its caller. */
#define NAM_INLINE static inline __attribute__((always_inline))

/* A kernel stays a function of its own: one copy, however many layers call it. */
#define NAM_VECTOR_KERNEL static __attribute__((noinline))

#define NAM_ALIGNED __attribute__((aligned(64)))

/*
 * What compilers are told of a vector; none of it is an instruction.
 *
 * NAM_KEEP  it stays in its register: GCC would load it anew for every product, and loads that
 *           straddle two cache lines are what limits a convolution.
 * NAM_HOLD  it is computed here: clang would compute each sum where it is used, one after the
 *           other.
 */
#if defined(NAM_VECTOR_AVX512)
#define NAM_HOLD(x) __asm__ volatile("" : "+v"(x))
#elif defined(NAM_VECTOR_AVX2)
#define NAM_HOLD(x) __asm__ volatile("" : "+x"(x))
#elif defined(NAM_VECTOR_NEON)
#define NAM_HOLD(x) __asm__ volatile("" : "+w"(x))
#else
#define NAM_HOLD(x) ((void)0)
#endif

#if defined(__GNUC__) && !defined(__clang__) && defined(NAM_VECTOR_AVX512)
#define NAM_KEEP(x) __asm__("" : "+v"(x))
#elif defined(__GNUC__) && !defined(__clang__) && defined(NAM_VECTOR_AVX2)
#define NAM_KEEP(x) __asm__("" : "+x"(x))
#else
#define NAM_KEEP(x) ((void)0)
#endif

#if defined(NAM_VECTOR_AVX512)

typedef __m512 nam_v;

NAM_INLINE nam_v nam_v_load(const float *p) { return _mm512_loadu_ps(p); }
NAM_INLINE void nam_v_store(float *p, nam_v x) { _mm512_storeu_ps(p, x); }
NAM_INLINE nam_v nam_v_splat(float x) { return _mm512_set1_ps(x); }
NAM_INLINE nam_v nam_v_add(nam_v a, nam_v b) { return _mm512_add_ps(a, b); }
NAM_INLINE nam_v nam_v_sub(nam_v a, nam_v b) { return _mm512_sub_ps(a, b); }
NAM_INLINE nam_v nam_v_mul(nam_v a, nam_v b) { return _mm512_mul_ps(a, b); }
NAM_INLINE nam_v nam_v_div(nam_v a, nam_v b) { return _mm512_div_ps(a, b); }
NAM_INLINE nam_v nam_v_fma(nam_v a, nam_v b, nam_v c) { return _mm512_fmadd_ps(a, b, c); }
/* The instructions choose b where a is NaN or both are zero, as nam_max and nam_min do. */
NAM_INLINE nam_v nam_v_max(nam_v a, nam_v b) { return _mm512_max_ps(a, b); }
NAM_INLINE nam_v nam_v_min(nam_v a, nam_v b) { return _mm512_min_ps(a, b); }
NAM_INLINE nam_v nam_v_abs(nam_v x) { return _mm512_abs_ps(x); }

#elif defined(NAM_VECTOR_AVX2)

typedef __m256 nam_v;

NAM_INLINE nam_v nam_v_load(const float *p) { return _mm256_loadu_ps(p); }
NAM_INLINE void nam_v_store(float *p, nam_v x) { _mm256_storeu_ps(p, x); }
NAM_INLINE nam_v nam_v_splat(float x) { return _mm256_set1_ps(x); }
NAM_INLINE nam_v nam_v_add(nam_v a, nam_v b) { return _mm256_add_ps(a, b); }
NAM_INLINE nam_v nam_v_sub(nam_v a, nam_v b) { return _mm256_sub_ps(a, b); }
NAM_INLINE nam_v nam_v_mul(nam_v a, nam_v b) { return _mm256_mul_ps(a, b); }
NAM_INLINE nam_v nam_v_div(nam_v a, nam_v b) { return _mm256_div_ps(a, b); }
NAM_INLINE nam_v nam_v_fma(nam_v a, nam_v b, nam_v c) { return _mm256_fmadd_ps(a, b, c); }
/* The instructions choose b where a is NaN or both are zero, as nam_max and nam_min do. */
NAM_INLINE nam_v nam_v_max(nam_v a, nam_v b) { return _mm256_max_ps(a, b); }
NAM_INLINE nam_v nam_v_min(nam_v a, nam_v b) { return _mm256_min_ps(a, b); }
NAM_INLINE nam_v nam_v_abs(nam_v x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }

/* sum + a * b in the place of the sum: GCC would put it into that of a factor, and then move it. */
NAM_INLINE nam_v nam_v_plus_product(nam_v sum, nam_v a, nam_v b)
{
#if defined(__clang__)
    return nam_v_fma(a, b, sum);
#else
    __asm__("vfmadd231ps %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b));
    return sum;
#endif
}

/* Four rows of a square, each in two halves that are apart: the columns of both halves. */
NAM_INLINE void nam_v_turn_4(const float *from, int from_row, nam_v *columns)
{
    const nam_v r0 = nam_v_load(from);
    const nam_v r1 = nam_v_load(from + from_row);
    const nam_v r2 = nam_v_load(from + 2 * from_row);
    const nam_v r3 = nam_v_load(from + 3 * from_row);
    const nam_v low01 = _mm256_unpacklo_ps(r0, r1);
    const nam_v low23 = _mm256_unpacklo_ps(r2, r3);
    const nam_v high01 = _mm256_unpackhi_ps(r0, r1);
    const nam_v high23 = _mm256_unpackhi_ps(r2, r3);
    columns[0] = _mm256_shuffle_ps(low01, low23, 0x44);
    columns[1] = _mm256_shuffle_ps(low01, low23, 0xEE);
    columns[2] = _mm256_shuffle_ps(high01, high23, 0x44);
    columns[3] = _mm256_shuffle_ps(high01, high23, 0xEE);
}

/* Turn rows of a square of NAM_LANES into columns. */
NAM_INLINE void nam_v_turn(const float *from, int from_row, float *to, int to_row)
{
    nam_v upper[4], lower[4];
    nam_v_turn_4(from, from_row, upper);
    nam_v_turn_4(from + 4 * from_row, from_row, lower);
    for (int n = 0; n < 4; n++) {
        nam_v_store(to + n * to_row, _mm256_permute2f128_ps(upper[n], lower[n], 0x20));
        nam_v_store(to + (n + 4) * to_row, _mm256_permute2f128_ps(upper[n], lower[n], 0x31));
    }
}

#elif defined(NAM_VECTOR_NEON)

typedef float32x4_t nam_v;

NAM_INLINE nam_v nam_v_load(const float *p) { return vld1q_f32(p); }
NAM_INLINE void nam_v_store(float *p, nam_v x) { vst1q_f32(p, x); }
NAM_INLINE nam_v nam_v_splat(float x) { return vdupq_n_f32(x); }
NAM_INLINE nam_v nam_v_add(nam_v a, nam_v b) { return vaddq_f32(a, b); }
NAM_INLINE nam_v nam_v_sub(nam_v a, nam_v b) { return vsubq_f32(a, b); }
NAM_INLINE nam_v nam_v_mul(nam_v a, nam_v b) { return vmulq_f32(a, b); }
NAM_INLINE nam_v nam_v_div(nam_v a, nam_v b) { return vdivq_f32(a, b); }
NAM_INLINE nam_v nam_v_fma(nam_v a, nam_v b, nam_v c) { return vfmaq_f32(c, a, b); }
NAM_INLINE nam_v nam_v_max(nam_v a, nam_v b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
NAM_INLINE nam_v nam_v_min(nam_v a, nam_v b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
NAM_INLINE nam_v nam_v_abs(nam_v x) { return vabsq_f32(x); }

#elif !defined(NAM_VECTOR_SIMD128)

typedef struct {
    float lane[NAM_LANES];
} nam_v;

#define NAM_V_EACH(expression)                   \
    nam_v y;                                     \
    for (int lane = 0; lane < NAM_LANES; lane++) { \
        y.lane[lane] = (expression);             \
    }                                            \
    return y

NAM_INLINE nam_v nam_v_load(const float *p) { NAM_V_EACH(p[lane]); }

NAM_INLINE void nam_v_store(float *p, nam_v x)
{
    for (int lane = 0; lane < NAM_LANES; lane++) {
        p[lane] = x.lane[lane];
    }
}

NAM_INLINE nam_v nam_v_splat(float x) { NAM_V_EACH(x); }
NAM_INLINE nam_v nam_v_add(nam_v a, nam_v b) { NAM_V_EACH(a.lane[lane] + b.lane[lane]); }
NAM_INLINE nam_v nam_v_sub(nam_v a, nam_v b) { NAM_V_EACH(a.lane[lane] - b.lane[lane]); }
NAM_INLINE nam_v nam_v_mul(nam_v a, nam_v b) { NAM_V_EACH(a.lane[lane] * b.lane[lane]); }
NAM_INLINE nam_v nam_v_div(nam_v a, nam_v b) { NAM_V_EACH(a.lane[lane] / b.lane[lane]); }
NAM_INLINE nam_v nam_v_max(nam_v a, nam_v b) { NAM_V_EACH(nam_max(a.lane[lane], b.lane[lane])); }
NAM_INLINE nam_v nam_v_min(nam_v a, nam_v b) { NAM_V_EACH(nam_min(a.lane[lane], b.lane[lane])); }
NAM_INLINE nam_v nam_v_abs(nam_v x) { NAM_V_EACH(nam_abs(x.lane[lane])); }

/*
 * A function of its own: spelled out at every product of a tile it is slower, and GCC takes minutes
 * for what results.
 */
#define NAM_PLAIN_FMA static __attribute__((noinline, unused))

#if defined(NAM_HAS_FMA)

NAM_PLAIN_FMA nam_v nam_v_fma(nam_v a, nam_v b, nam_v c)
{
    NAM_V_EACH(nam_fma(a.lane[lane], b.lane[lane], c.lane[lane]));
}

#else

static __attribute__((noinline, cold)) nam_v nam_v_fma_rare(nam_v a, nam_v b, nam_v c)
{
    NAM_V_EACH(nam_fma_rare(a.lane[lane], b.lane[lane], c.lane[lane]));
}

/* The lanes share one look at what is rare; see nam_fma. */
NAM_PLAIN_FMA nam_v nam_v_fma(nam_v a, nam_v b, nam_v c)
{
    nam_v y;
    int rare = 0;
    for (int lane = 0; lane < NAM_LANES; lane++) {
        const double sum = (double)a.lane[lane] * (double)b.lane[lane] + (double)c.lane[lane];
        y.lane[lane] = (float)sum;
        rare |= nam_is_rare(sum);
    }
    return __builtin_expect(rare, 0) ? nam_v_fma_rare(a, b, c) : y;
}

#endif

#endif

#if !defined(NAM_VECTOR_SIMD128)

/* All sums are right at once, and none is doubted; see nam_vector_simd128.h. */
typedef int nam_doubt;
#define NAM_NO_DOUBT 0
#define NAM_IS_DOUBTED(doubt) ((void)(doubt), 0)

#endif

#if !defined(NAM_VECTOR_AVX2)

#if !defined(NAM_VECTOR_SIMD128)
NAM_INLINE nam_v nam_v_plus_product(nam_v sum, nam_v a, nam_v b) { return nam_v_fma(a, b, sum); }
#endif

NAM_INLINE void nam_v_turn(const float *from, int from_row, float *to, int to_row)
{
    for (int column = 0; column < NAM_LANES; column++) {
        for (int row = 0; row < NAM_LANES; row++) {
            to[column * to_row + row] = from[row * from_row + column];
        }
    }
}

#endif

#endif
