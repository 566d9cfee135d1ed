/*
 * A tile of sums, frame by frame: s##_0 to s##_(n-1) are the rows of one frame.
 *
 * Each macro is a few plain statements, spelled out for n rows; there is no loop for a compiler to
 * undo. NAM_FMA_n is the whole arithmetic: one fused multiply-add a row.
 */
#ifndef NAM_TILE_H
#define NAM_TILE_H

#include "nam_math.h"
#include "nam_platform.h"

/* The rows of one frame, to declare them. */
#define NAM_ROWS_1(s) s##_0
#define NAM_ROWS_2(s) NAM_ROWS_1(s), s##_1
#define NAM_ROWS_3(s) NAM_ROWS_2(s), s##_2
#define NAM_ROWS_4(s) NAM_ROWS_3(s), s##_3
#define NAM_ROWS_5(s) NAM_ROWS_4(s), s##_4
#define NAM_ROWS_6(s) NAM_ROWS_5(s), s##_5
#define NAM_ROWS_7(s) NAM_ROWS_6(s), s##_6
#define NAM_ROWS_8(s) NAM_ROWS_7(s), s##_7

/* Start the sums with what is at `from`. */
#define NAM_SEED_1(s, from) s##_0 = (from)[0]
#define NAM_SEED_2(s, from) NAM_SEED_1(s, from); s##_1 = (from)[1]
#define NAM_SEED_3(s, from) NAM_SEED_2(s, from); s##_2 = (from)[2]
#define NAM_SEED_4(s, from) NAM_SEED_3(s, from); s##_3 = (from)[3]
#define NAM_SEED_5(s, from) NAM_SEED_4(s, from); s##_4 = (from)[4]
#define NAM_SEED_6(s, from) NAM_SEED_5(s, from); s##_5 = (from)[5]
#define NAM_SEED_7(s, from) NAM_SEED_6(s, from); s##_6 = (from)[6]
#define NAM_SEED_8(s, from) NAM_SEED_7(s, from); s##_7 = (from)[7]

/* Start the sums at zero. */
#define NAM_ZERO_1(s) s##_0 = 0.0f
#define NAM_ZERO_2(s) NAM_ZERO_1(s); s##_1 = 0.0f
#define NAM_ZERO_3(s) NAM_ZERO_2(s); s##_2 = 0.0f
#define NAM_ZERO_4(s) NAM_ZERO_3(s); s##_3 = 0.0f
#define NAM_ZERO_5(s) NAM_ZERO_4(s); s##_4 = 0.0f
#define NAM_ZERO_6(s) NAM_ZERO_5(s); s##_5 = 0.0f
#define NAM_ZERO_7(s) NAM_ZERO_6(s); s##_6 = 0.0f
#define NAM_ZERO_8(s) NAM_ZERO_7(s); s##_7 = 0.0f

/* Add what is at `from` to the sums. */
#define NAM_PLUS_1(s, from) s##_0 += (from)[0]
#define NAM_PLUS_2(s, from) NAM_PLUS_1(s, from); s##_1 += (from)[1]
#define NAM_PLUS_3(s, from) NAM_PLUS_2(s, from); s##_2 += (from)[2]
#define NAM_PLUS_4(s, from) NAM_PLUS_3(s, from); s##_3 += (from)[3]
#define NAM_PLUS_5(s, from) NAM_PLUS_4(s, from); s##_4 += (from)[4]
#define NAM_PLUS_6(s, from) NAM_PLUS_5(s, from); s##_5 += (from)[5]
#define NAM_PLUS_7(s, from) NAM_PLUS_6(s, from); s##_6 += (from)[6]
#define NAM_PLUS_8(s, from) NAM_PLUS_7(s, from); s##_7 += (from)[7]

/* Add the products of the weights w##_0, ... and one value. */
#if defined(NAM_HAS_FMA)
#define NAM_FMA_1(s, w, x) s##_0 = nam_fma(w##_0, x, s##_0)
#define NAM_FMA_2(s, w, x) NAM_FMA_1(s, w, x); s##_1 = nam_fma(w##_1, x, s##_1)
#define NAM_FMA_3(s, w, x) NAM_FMA_2(s, w, x); s##_2 = nam_fma(w##_2, x, s##_2)
#define NAM_FMA_4(s, w, x) NAM_FMA_3(s, w, x); s##_3 = nam_fma(w##_3, x, s##_3)
#define NAM_FMA_5(s, w, x) NAM_FMA_4(s, w, x); s##_4 = nam_fma(w##_4, x, s##_4)
#define NAM_FMA_6(s, w, x) NAM_FMA_5(s, w, x); s##_5 = nam_fma(w##_5, x, s##_5)
#define NAM_FMA_7(s, w, x) NAM_FMA_6(s, w, x); s##_6 = nam_fma(w##_6, x, s##_6)
#define NAM_FMA_8(s, w, x) NAM_FMA_7(s, w, x); s##_7 = nam_fma(w##_7, x, s##_7)
#else

/*
 * Without an instruction for it the rows share one look at what is rare; see nam_fma.
 */
#define NAM_DOUBLE(n, s, w, x) \
    const double nam_d##n = (double)w##_##n * (double)(x) + (double)s##_##n
#define NAM_DOUBLES_1(s, w, x) NAM_DOUBLE(0, s, w, x)
#define NAM_DOUBLES_2(s, w, x) NAM_DOUBLES_1(s, w, x); NAM_DOUBLE(1, s, w, x)
#define NAM_DOUBLES_3(s, w, x) NAM_DOUBLES_2(s, w, x); NAM_DOUBLE(2, s, w, x)
#define NAM_DOUBLES_4(s, w, x) NAM_DOUBLES_3(s, w, x); NAM_DOUBLE(3, s, w, x)
#define NAM_DOUBLES_5(s, w, x) NAM_DOUBLES_4(s, w, x); NAM_DOUBLE(4, s, w, x)
#define NAM_DOUBLES_6(s, w, x) NAM_DOUBLES_5(s, w, x); NAM_DOUBLE(5, s, w, x)
#define NAM_DOUBLES_7(s, w, x) NAM_DOUBLES_6(s, w, x); NAM_DOUBLE(6, s, w, x)
#define NAM_DOUBLES_8(s, w, x) NAM_DOUBLES_7(s, w, x); NAM_DOUBLE(7, s, w, x)
#define NAM_ANY_RARE_1 nam_is_rare(nam_d0)
#define NAM_ANY_RARE_2 (NAM_ANY_RARE_1 | nam_is_rare(nam_d1))
#define NAM_ANY_RARE_3 (NAM_ANY_RARE_2 | nam_is_rare(nam_d2))
#define NAM_ANY_RARE_4 (NAM_ANY_RARE_3 | nam_is_rare(nam_d3))
#define NAM_ANY_RARE_5 (NAM_ANY_RARE_4 | nam_is_rare(nam_d4))
#define NAM_ANY_RARE_6 (NAM_ANY_RARE_5 | nam_is_rare(nam_d5))
#define NAM_ANY_RARE_7 (NAM_ANY_RARE_6 | nam_is_rare(nam_d6))
#define NAM_ANY_RARE_8 (NAM_ANY_RARE_7 | nam_is_rare(nam_d7))
#define NAM_FUSE_1(s, w, x) s##_0 = nam_fma_rare(w##_0, x, s##_0)
#define NAM_FUSE_2(s, w, x) NAM_FUSE_1(s, w, x); s##_1 = nam_fma_rare(w##_1, x, s##_1)
#define NAM_FUSE_3(s, w, x) NAM_FUSE_2(s, w, x); s##_2 = nam_fma_rare(w##_2, x, s##_2)
#define NAM_FUSE_4(s, w, x) NAM_FUSE_3(s, w, x); s##_3 = nam_fma_rare(w##_3, x, s##_3)
#define NAM_FUSE_5(s, w, x) NAM_FUSE_4(s, w, x); s##_4 = nam_fma_rare(w##_4, x, s##_4)
#define NAM_FUSE_6(s, w, x) NAM_FUSE_5(s, w, x); s##_5 = nam_fma_rare(w##_5, x, s##_5)
#define NAM_FUSE_7(s, w, x) NAM_FUSE_6(s, w, x); s##_6 = nam_fma_rare(w##_6, x, s##_6)
#define NAM_FUSE_8(s, w, x) NAM_FUSE_7(s, w, x); s##_7 = nam_fma_rare(w##_7, x, s##_7)
#define NAM_ROUND_1(s) s##_0 = (float)nam_d0
#define NAM_ROUND_2(s) NAM_ROUND_1(s); s##_1 = (float)nam_d1
#define NAM_ROUND_3(s) NAM_ROUND_2(s); s##_2 = (float)nam_d2
#define NAM_ROUND_4(s) NAM_ROUND_3(s); s##_3 = (float)nam_d3
#define NAM_ROUND_5(s) NAM_ROUND_4(s); s##_4 = (float)nam_d4
#define NAM_ROUND_6(s) NAM_ROUND_5(s); s##_5 = (float)nam_d5
#define NAM_ROUND_7(s) NAM_ROUND_6(s); s##_6 = (float)nam_d6
#define NAM_ROUND_8(s) NAM_ROUND_7(s); s##_7 = (float)nam_d7
#define NAM_FMA_ROWS(n, s, w, x)                    \
    do {                                            \
        NAM_DOUBLES_##n(s, w, x);                   \
        if (__builtin_expect(NAM_ANY_RARE_##n, 0)) { \
            NAM_FUSE_##n(s, w, x);                  \
        } else {                                    \
            NAM_ROUND_##n(s);                       \
        }                                           \
    } while (0)
#define NAM_FMA_1(s, w, x) NAM_FMA_ROWS(1, s, w, x)
#define NAM_FMA_2(s, w, x) NAM_FMA_ROWS(2, s, w, x)
#define NAM_FMA_3(s, w, x) NAM_FMA_ROWS(3, s, w, x)
#define NAM_FMA_4(s, w, x) NAM_FMA_ROWS(4, s, w, x)
#define NAM_FMA_5(s, w, x) NAM_FMA_ROWS(5, s, w, x)
#define NAM_FMA_6(s, w, x) NAM_FMA_ROWS(6, s, w, x)
#define NAM_FMA_7(s, w, x) NAM_FMA_ROWS(7, s, w, x)
#define NAM_FMA_8(s, w, x) NAM_FMA_ROWS(8, s, w, x)
#endif

/* Multiply the sums by a factor. */
#define NAM_TIMES_1(s, factor) s##_0 *= (factor)
#define NAM_TIMES_2(s, factor) NAM_TIMES_1(s, factor); s##_1 *= (factor)
#define NAM_TIMES_3(s, factor) NAM_TIMES_2(s, factor); s##_2 *= (factor)
#define NAM_TIMES_4(s, factor) NAM_TIMES_3(s, factor); s##_3 *= (factor)
#define NAM_TIMES_5(s, factor) NAM_TIMES_4(s, factor); s##_4 *= (factor)
#define NAM_TIMES_6(s, factor) NAM_TIMES_5(s, factor); s##_5 *= (factor)
#define NAM_TIMES_7(s, factor) NAM_TIMES_6(s, factor); s##_6 *= (factor)
#define NAM_TIMES_8(s, factor) NAM_TIMES_7(s, factor); s##_7 *= (factor)

/* Write the sums to `to`. */
#define NAM_STORE_1(to, s) (to)[0] = s##_0
#define NAM_STORE_2(to, s) NAM_STORE_1(to, s); (to)[1] = s##_1
#define NAM_STORE_3(to, s) NAM_STORE_2(to, s); (to)[2] = s##_2
#define NAM_STORE_4(to, s) NAM_STORE_3(to, s); (to)[3] = s##_3
#define NAM_STORE_5(to, s) NAM_STORE_4(to, s); (to)[4] = s##_4
#define NAM_STORE_6(to, s) NAM_STORE_5(to, s); (to)[5] = s##_5
#define NAM_STORE_7(to, s) NAM_STORE_6(to, s); (to)[6] = s##_6
#define NAM_STORE_8(to, s) NAM_STORE_7(to, s); (to)[7] = s##_7

/* Add the sums to what is at `to`. */
#define NAM_ADD_TO_1(to, s) (to)[0] += s##_0
#define NAM_ADD_TO_2(to, s) NAM_ADD_TO_1(to, s); (to)[1] += s##_1
#define NAM_ADD_TO_3(to, s) NAM_ADD_TO_2(to, s); (to)[2] += s##_2
#define NAM_ADD_TO_4(to, s) NAM_ADD_TO_3(to, s); (to)[3] += s##_3
#define NAM_ADD_TO_5(to, s) NAM_ADD_TO_4(to, s); (to)[4] += s##_4
#define NAM_ADD_TO_6(to, s) NAM_ADD_TO_5(to, s); (to)[5] += s##_5
#define NAM_ADD_TO_7(to, s) NAM_ADD_TO_6(to, s); (to)[6] += s##_6
#define NAM_ADD_TO_8(to, s) NAM_ADD_TO_7(to, s); (to)[7] += s##_7

/* Have the sums in registers here; see NAM_PIN. */
#define NAM_HOLD_1(s) NAM_PIN_1(s##_0)
#define NAM_HOLD_2(s) NAM_PIN_2(s##_0, s##_1)
#define NAM_HOLD_3(s) NAM_PIN_3(s##_0, s##_1, s##_2)
#define NAM_HOLD_4(s) NAM_PIN_4(s##_0, s##_1, s##_2, s##_3)
#define NAM_HOLD_5(s) NAM_HOLD_4(s); NAM_PIN_1(s##_4)
#define NAM_HOLD_6(s) NAM_HOLD_4(s); NAM_PIN_2(s##_4, s##_5)
#define NAM_HOLD_7(s) NAM_HOLD_4(s); NAM_PIN_3(s##_4, s##_5, s##_6)
#define NAM_HOLD_8(s) NAM_HOLD_4(s); NAM_PIN_4(s##_4, s##_5, s##_6, s##_7)

#endif
