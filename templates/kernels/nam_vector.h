/*
 * NAM_LANES frames at a time: every operation of nam_math.h on a vector, lane by lane the same
 * bits.
 *
 * The generated C defines NAM_LANES. It becomes one register of AVX-512 (16), AVX2 with FMA3 (8) or
 * NEON on AArch64 (4) where the compiler may use them, and plain C everywhere else.
 */
#ifndef NAM_VECTOR_H
#define NAM_VECTOR_H

#include "nam_math.h"

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
 * Keep a loaded vector in its register: GCC would load it anew for every product, and loads that
 * straddle two cache lines are what limits a convolution.
 */
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

#else

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

#endif
