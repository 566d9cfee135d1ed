/*
 * Fixed point, four rows side by side: nam_fixed.h says what each of them is.
 */
#ifndef NAM_FIXED_ROWS_H
#define NAM_FIXED_ROWS_H

#include "nam_fixed.h"

#define NAM_ROWS 4

typedef int32_t nam_rows __attribute__((vector_size(16)));
typedef uint32_t nam_rows_bits __attribute__((vector_size(16)));
typedef int32_t nam_rows_there __attribute__((vector_size(16), aligned(4), may_alias));

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#define NAM_HAS_ROWS 1
#endif

/* One after the other, where there are no vectors: `row` is that of the numbers. */
#define NAM_EACH_ROW(statement) \
    do { \
        for (int row = 0; row < NAM_ROWS; row++) { \
            statement; \
        } \
    } while (0)

NAM_INLINE nam_rows nam_rows_load(const int32_t *p) { return *(const nam_rows_there *)p; }
NAM_INLINE void nam_rows_store(int32_t *p, nam_rows x) { *(nam_rows_there *)p = x; }
NAM_INLINE nam_rows nam_rows_splat(int32_t x) { return (nam_rows){x, x, x, x}; }

/* Sums are cut off, for those of a few rows alone may be too large. */
NAM_INLINE nam_rows nam_rows_add(nam_rows a, nam_rows b)
{
    return (nam_rows)((nam_rows_bits)a + (nam_rows_bits)b);
}

NAM_INLINE int32_t nam_rows_total(nam_rows x)
{
    const nam_rows_bits u = (nam_rows_bits)x;
    return nam_signed(u[0] + u[1] + u[2] + u[3]);
}

NAM_INLINE nam_rows nam_rows_masked(nam_rows x, nam_rows mask) { return x & mask; }

NAM_INLINE nam_rows nam_rows_doubled(nam_rows x, unsigned times)
{
    return (nam_rows)((nam_rows_bits)x << times);
}

/* Every other one of eight numbers, from the first or from the second on. */
NAM_INLINE nam_rows nam_rows_firsts(const int32_t *p) { return (nam_rows){p[0], p[2], p[4], p[6]}; }
NAM_INLINE nam_rows nam_rows_seconds(const int32_t *p) { return nam_rows_firsts(p + 1); }

NAM_INLINE nam_rows nam_rows_halved(nam_rows x, unsigned times)
{
#if defined(NAM_HAS_ROWS)
    return (nam_rows)wasm_i32x4_shr((v128_t)x, times);
#else
    NAM_EACH_ROW(x[row] = nam_halved(x[row], times));
    return x;
#endif
}

NAM_INLINE nam_rows nam_rows_high(nam_rows a, nam_rows b)
{
#if defined(NAM_HAS_ROWS)
    const v128_t half = wasm_i64x2_const_splat(INT64_C(2147483648));
    __asm__("" : "+r"(b)); /* or LLVM makes slow products of 64 bits of a splat */
    const v128_t low = wasm_i64x2_add(wasm_i64x2_extmul_low_i32x4((v128_t)a, (v128_t)b), half);
    const v128_t high = wasm_i64x2_add(wasm_i64x2_extmul_high_i32x4((v128_t)a, (v128_t)b), half);
    return (nam_rows)wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
#else
    NAM_EACH_ROW(a[row] = nam_high(a[row], b[row]));
    return a;
#endif
}

NAM_INLINE nam_rows nam_rows_onto(nam_rows sum, nam_rows a, nam_rows b)
{
    return nam_rows_add(sum, nam_rows_high(a, b));
}

NAM_INLINE nam_rows nam_rows_dual(nam_rows sum, nam_rows a, nam_rows b)
{
#if defined(NAM_HAS_ROWS)
    return nam_rows_add(sum, (nam_rows)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b));
#else
    NAM_EACH_ROW(sum[row] = nam_dual(sum[row], a[row], b[row]));
    return sum;
#endif
}

NAM_INLINE nam_rows nam_rows_held(nam_rows x, unsigned bits)
{
#if defined(NAM_HAS_ROWS)
    const int32_t most = nam_signed((1U << (bits - 1U)) - 1U);
    const v128_t above = wasm_i32x4_max((v128_t)x, wasm_i32x4_splat(-most - 1));
    return (nam_rows)wasm_i32x4_min(above, wasm_i32x4_splat(most));
#else
    NAM_EACH_ROW(x[row] = nam_held(x[row], bits));
    return x;
#endif
}

/* Held within 16 bits, two by two as a word. */
NAM_INLINE void nam_rows_store_pairs(int32_t *p, nam_rows x)
{
#if defined(NAM_HAS_ROWS)
    wasm_v128_store64_lane(p, wasm_i16x8_narrow_i32x4((v128_t)x, (v128_t)x), 0);
#else
    x = nam_rows_held(x, 16);
    p[0] = nam_pair(x[0], x[1]);
    p[1] = nam_pair(x[2], x[3]);
#endif
}

NAM_INLINE nam_rows nam_rows_slopes(nam_rows z, nam_rows scale, nam_rows bend)
{
#if defined(NAM_HAS_ROWS)
    const nam_rows below = (nam_rows)wasm_i32x4_min((v128_t)z, wasm_i32x4_const_splat(0));
    return nam_rows_onto(nam_rows_high(z, scale), below, bend);
#else
    NAM_EACH_ROW(z[row] = nam_slopes(z[row], scale[row], bend[row]));
    return z;
#endif
}

/* The rows of a table are found one by one. */
NAM_INLINE nam_rows nam_rows_tanh_of(nam_rows z, const int32_t *table, unsigned fraction_bits)
{
    NAM_EACH_ROW(z[row] = nam_tanh_of(z[row], table, fraction_bits));
    return z;
}

NAM_INLINE nam_rows nam_rows_short_tanh(nam_rows u, const int32_t *table)
{
    NAM_EACH_ROW(u[row] = nam_short_tanh(u[row], table));
    return u;
}

#endif
