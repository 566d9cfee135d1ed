/*
 * The arithmetic every kernel is made of: one rounding per operation, the same bits everywhere.
 *
 * Compile with -ffp-contract=off and without -ffast-math. No libm.
 */
#ifndef NAM_MATH_H
#define NAM_MATH_H

#include <float.h>
#include <stdint.h>

#if defined(__FAST_MATH__)
#error "namgen: -ffast-math changes results; remove it"
#endif
#if !defined(FLT_EVAL_METHOD) || FLT_EVAL_METHOD != 0
#error "namgen: float must be evaluated as float (not x87)"
#endif

#if defined(__has_builtin)
#if __has_builtin(__builtin_elementwise_fma)
#define NAM_HAS_ELEMENTWISE_FMA 1
#endif
#endif

/* vmaxnm and vminnm: ARMv8, and the FPv5 of a Cortex-M7, which compilers do not always announce. */
#if defined(__ARM_FEATURE_NUMERIC_MAXMIN)
#define NAM_HAS_MAXNM 1
#elif defined(__ARM_ARCH_7EM__) && defined(__ARM_FP)
#if __ARM_FP & 8
#define NAM_HAS_MAXNM 1
#endif
#endif

static inline uint32_t nam_bits_of(float x)
{
    union {
        float f;
        uint32_t bits;
    } u;
    u.f = x;
    return u.bits;
}

static inline float nam_float_of(uint32_t bits)
{
    union {
        float f;
        uint32_t bits;
    } u;
    u.bits = bits;
    return u.f;
}

/* a * b + c, rounded once. */
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__aarch64__)

static inline float nam_fma(float a, float b, float c)
{
#if defined(NAM_HAS_ELEMENTWISE_FMA)
    return __builtin_elementwise_fma(a, b, c); /* never sets errno, so never a call */
#else
    return __builtin_fmaf(a, b, c);
#endif
}

#elif defined(__arm__)
#error "namgen: this target needs a floating-point unit with fused multiply-add"
#else

/*
 * The product is exact in double. The sum is made odd in its last bit where it is inexact
 * (TwoSum gives the error), so that rounding to float is the only rounding that counts.
 */
static inline float nam_fma(float a, float b, float c)
{
    const double product = (double)a * (double)b;
    const double addend = (double)c;
    union {
        double d;
        uint64_t bits;
    } sum;
    sum.d = product + addend;
    const double back = sum.d - product;
    const double error = (product - (sum.d - back)) + (addend - back);
    const uint64_t even = (sum.bits & 1U) ^ 1U;
    const uint64_t inexact = (uint64_t)((error > 0.0) | (error < 0.0));
    const uint64_t grows = (uint64_t)((error > 0.0) == (sum.d > 0.0));
    sum.bits += (even & inexact) * (2U * grows - 1U);
    return (float)sum.d;
}

#endif

/*
 * The larger of two numbers; b when they are equal or a is NaN. Zeros of both signs may meet
 * only as a = -0.0f, b = +0.0f, and NaN only in a with b a number: elsewhere processors differ.
 */
static inline float nam_max(float a, float b)
{
#if defined(NAM_HAS_MAXNM)
    return __builtin_fmaxf(a, b);
#else
    return a > b ? a : b;
#endif
}

/* The smaller of two numbers; zeros of both signs must not matter to the caller. */
static inline float nam_min(float a, float b)
{
#if defined(NAM_HAS_MAXNM)
    return __builtin_fminf(a, b);
#else
    return a < b ? a : b;
#endif
}

static inline float nam_abs(float x)
{
    return __builtin_fabsf(x);
}

/* NaN and infinities become +0: the door of the model. */
static inline float nam_sanitize(float x)
{
    const uint32_t bits = nam_bits_of(x);
    const uint32_t finite = (bits & 0x7F800000U) != 0x7F800000U ? 0xFFFFFFFFU : 0U;
    return nam_float_of(bits & finite);
}

#endif
