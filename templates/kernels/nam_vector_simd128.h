/*
 * Two frames at a time for WebAssembly, which cannot multiply and add with one rounding: a vector is
 * two doubles that hold floats.
 *
 * The product of two floats is exact in double. A product and a sum are then two roundings, the
 * sum's to double and that to float, which is what one rounding gives unless the first comes to lie
 * on a midpoint between floats (see nam_fma). A sum that could have is doubted:
 *
 * - its low word ends in a one and 28 zeros, as do all midpoints at and above 2^-126; or
 * - it is below 2^-126 and not below 2^-255. Below 2^-150 there are no midpoints.
 *
 * Both are kept as one minimum: of the words of all sums, without their upper three bits. Left are
 * the lower nine bits of the exponent, in which 2^-255 is the least negative number and 2^-126 the
 * first that is not doubted. No sum is 2^257 or more, where they would repeat; zero, infinities and
 * NaN lie above. Whoever makes sums looks at the minimum once, in the end, and makes those of a
 * doubted tile again, to which nothing is added in double without being made odd.
 */
#ifndef NAM_VECTOR_SIMD128_H
#define NAM_VECTOR_SIMD128_H

#include "nam_math.h"

#if NAM_LANES == 2 && defined(__wasm_simd128__)
#define NAM_VECTOR_SIMD128 1

#include <wasm_simd128.h>

#define NAM_INLINE static inline __attribute__((always_inline))

typedef double nam_v __attribute__((vector_size(16)));
typedef int64_t nam_v_bits __attribute__((vector_size(16)));
typedef int32_t nam_v_words __attribute__((vector_size(16)));

/* Of floats, in the lower half. */
NAM_INLINE v128_t nam_v_narrow(nam_v x)
{
    v128_t narrow = wasm_f32x4_demote_f64x2_zero((v128_t)x);
    __asm__("" : "+r"(narrow)); /* or LLVM makes two conversions of numbers by themselves of it */
    return narrow;
}

NAM_INLINE nam_v nam_v_widen(v128_t narrow)
{
    return (nam_v)wasm_f64x2_promote_low_f32x4(narrow);
}

NAM_INLINE nam_v nam_v_rounded(nam_v x) { return nam_v_widen(nam_v_narrow(x)); }
NAM_INLINE nam_v nam_v_load(const float *p) { return nam_v_widen(wasm_v128_load64_zero(p)); }
NAM_INLINE void nam_v_store(float *p, nam_v x) { wasm_v128_store64_lane(p, nam_v_narrow(x), 0); }
NAM_INLINE nam_v nam_v_splat(float x) { return (nam_v){(double)x, (double)x}; }

/* A double has more than twice the bits of a float: of one operation both roundings make one. */
NAM_INLINE nam_v nam_v_add(nam_v a, nam_v b) { return nam_v_rounded(a + b); }
NAM_INLINE nam_v nam_v_sub(nam_v a, nam_v b) { return nam_v_rounded(a - b); }
NAM_INLINE nam_v nam_v_mul(nam_v a, nam_v b) { return nam_v_rounded(a * b); }
NAM_INLINE nam_v nam_v_div(nam_v a, nam_v b) { return nam_v_rounded(a / b); }
/* pmax(x, y) is y where x < y, else x. */
NAM_INLINE nam_v nam_v_max(nam_v a, nam_v b) { return (nam_v)wasm_f64x2_pmax((v128_t)b, (v128_t)a); }
NAM_INLINE nam_v nam_v_min(nam_v a, nam_v b) { return (nam_v)wasm_f64x2_pmin((v128_t)b, (v128_t)a); }
NAM_INLINE nam_v nam_v_abs(nam_v x) { return (nam_v)wasm_f64x2_abs((v128_t)x); }

/* The least words of all sums so far. */
typedef v128_t nam_doubt;
#define NAM_NO_DOUBT wasm_i32x4_const_splat(INT32_MAX)
#if defined(NAM_ALWAYS_DOUBT) /* for tests: the bits are the same */
#define NAM_IS_DOUBTED(doubt) ((void)(doubt), 1)
#else
#define NAM_IS_DOUBTED(doubt) __builtin_expect(nam_v_is_doubted(doubt), 0)
#endif

#define NAM_HALFWAY INT32_MIN /* a low word */
#define NAM_LAST_TINY (-0x3F800001) /* a high word: the greatest of sums below 2^-126 */

NAM_INLINE int nam_v_is_doubted(nam_doubt doubt)
{
    const v128_t most = wasm_i32x4_const(
        NAM_HALFWAY, NAM_LAST_TINY, NAM_HALFWAY, NAM_LAST_TINY);
    return wasm_v128_any_true(wasm_i32x4_le(doubt, most));
}

/* a * b + c with two roundings, which are one unless the sum is doubted. */
NAM_INLINE nam_v nam_v_fma_tried(nam_doubt *doubt, nam_v a, nam_v b, nam_v c)
{
    const nam_v sum = a * b + c;
    *doubt = wasm_i32x4_min(*doubt, wasm_i32x4_shl((v128_t)sum, 3));
    return nam_v_rounded(sum);
}

/* a * b + c, rounded once, whatever it is; see nam_fma_rare. */
static __attribute__((noinline, unused)) nam_v nam_v_fma_sure(nam_v a, nam_v b, nam_v c)
{
    const nam_v zero = {0.0, 0.0};
    const nam_v product = a * b;
    const nam_v sum = product + c;
    const nam_v back = sum - product;
    const nam_v error = (product - (sum - back)) + (c - back);
    const nam_v_bits bits = (nam_v_bits)sum;
    const nam_v_bits inexact = (error > zero) | (error < zero);
    const nam_v_bits grows = (error > zero) == (sum > zero);
    const nam_v_bits even = (bits & 1) - 1;
    return nam_v_rounded((nam_v)(bits + (((grows & 2) - 1) & inexact & even)));
}

/* In the sums of a tile: the tile has a `doubt`, and says whether it is made again. */
#define nam_v_plus_product(sum, a, b) \
    (IS_SURE ? nam_v_fma_sure(a, b, sum) : nam_v_fma_tried(&doubt, a, b, sum))

/* By itself. */
NAM_INLINE nam_v nam_v_fma(nam_v a, nam_v b, nam_v c)
{
    nam_doubt doubt = NAM_NO_DOUBT;
    const nam_v sum = nam_v_fma_tried(&doubt, a, b, c);
    return NAM_IS_DOUBTED(doubt) ? nam_v_fma_sure(a, b, c) : sum;
}

#endif

#endif
