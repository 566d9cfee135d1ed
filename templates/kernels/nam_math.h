/*
 * The arithmetic every kernel is made of: one rounding per operation, the same bits everywhere.
 *
 * Compile with -ffp-contract=off and without -ffast-math or any part of it. No libm.
 */
#ifndef NAM_MATH_H
#define NAM_MATH_H

#include <float.h>
#include <stdint.h>

#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "namgen: -ffast-math and -funsafe-math-optimizations change results; remove them"
#endif
#if defined(__NO_SIGNED_ZEROS__) || (defined(_M_FP_FAST) && _M_FP_FAST)
#error "namgen: -fno-signed-zeros and /fp:fast change results; remove them"
#endif
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error "namgen: -ffinite-math-only changes results; remove it"
#endif
#if !defined(FLT_EVAL_METHOD) || FLT_EVAL_METHOD != 0
#error "namgen: float must be evaluated as float (not x87)"
#endif

#if !defined(__GNUC__) && !defined(__clang__)
#error "namgen: this C is for GCC and clang (on Windows clang-cl or MinGW), not for this compiler"
#endif

/* What the flags leave open is decided here; clang's -ffp-contract=fast can go over this. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#pragma clang fp reassociate(off)
#else
#pragma GCC optimize("fp-contract=off")
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

/*
 * Processors that multiply and add with one rounding. WebAssembly does not: its relaxed
 * multiply-add may round twice.
 */
#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define NAM_HAS_FMA 1
#elif defined(__aarch64__) || defined(__s390x__)
#define NAM_HAS_FMA 1
#elif defined(__riscv_flen) || defined(__riscv_zfinx)
#define NAM_HAS_FMA 1
#elif defined(__loongarch_single_float) || defined(__loongarch_double_float)
#define NAM_HAS_FMA 1
#elif defined(__powerpc__) && !defined(_SOFT_FLOAT) && !defined(__NO_FPRS__)
#define NAM_HAS_FMA 1
#endif

/* Elsewhere doubles do it, unless they are functions of hundreds of instructions themselves. */
#if defined(__arm__) && defined(__ARM_FP)
#if !(__ARM_FP & 8)
#define NAM_HAS_NO_DOUBLE 1
#endif
#elif defined(__arm__) || defined(__riscv) || defined(__xtensa__) || defined(__AVR__)
#define NAM_HAS_NO_DOUBLE 1
#elif defined(_SOFT_FLOAT) || defined(__NO_FPRS__) || defined(__mips_soft_float)
#define NAM_HAS_NO_DOUBLE 1
#elif defined(__loongarch_soft_float)
#define NAM_HAS_NO_DOUBLE 1
#endif

#if defined(NAM_HAS_FMA)

/* a * b + c, rounded once. */
static inline float nam_fma(float a, float b, float c)
{
#if defined(NAM_HAS_ELEMENTWISE_FMA)
    return __builtin_elementwise_fma(a, b, c); /* never sets errno, so never a call */
#else
    return __builtin_fmaf(a, b, c);
#endif
}

#elif defined(NAM_HAS_NO_DOUBLE)
#error "namgen: this target needs a floating-point unit with fused multiply-add or with double"
#else

/*
 * a * b + c, rounded once, without an instruction for it.
 *
 * The product of two floats is exact in double. Their sum with c is rounded to double, then to
 * float. Rounding never passes a number that the format holds, and doubles hold the midpoints
 * between floats (the one beyond the largest float included): a sum that does not come to lie on a
 * midpoint is on the same side of it as the exact one, and the second rounding is the right one.
 *
 * At and above 2^-126 a midpoint is a double that ends in a one and 28 zeros. Below, where floats
 * keep a fixed distance, it ends in other ways; all sums there but zero take the long way. An exact
 * zero has the sign that a fused operation gives it. Infinities and NaN end in 29 zeros.
 */
static inline int nam_is_rare(double sum)
{
    union {
        double d;
        uint64_t bits;
    } u;
    u.d = sum;
    const uint32_t low = (uint32_t)u.bits, high = (uint32_t)(u.bits >> 32);
    const uint32_t least = 0x38100000U << 1; /* of 2^-126, without its sign */
    return ((low & 0x1FFFFFFFU) == 0x10000000U) | ((high << 1) - 1U < least - 1U);
}

/*
 * The long way: a sum that is inexact (TwoSum gives the error) is made odd in its last bit, which
 * no midpoint is, so that rounding it to float is the only rounding that counts.
 */
static __attribute__((noinline, cold, unused)) float nam_fma_rare(float a, float b, float c)
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

static inline float nam_fma(float a, float b, float c)
{
    const double sum = (double)a * (double)b + (double)c;
    return __builtin_expect(nam_is_rare(sum), 0) ? nam_fma_rare(a, b, c) : (float)sum;
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
