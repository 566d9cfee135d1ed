/*
 * The functions of nam_tanh.h on vectors: lane by lane the same operations and bits. Vectors of
 * AVX-512 look them up in nam_tanh_columns.h, which has to be included before.
 */
#ifndef NAM_VECTOR_TANH_H
#define NAM_VECTOR_TANH_H

#include "nam_tanh.h"
#include "nam_vector.h"

#if defined(NAM_VECTOR_AVX512)

/*
 * tanh is odd in every bit, so only the segments of |x| are looked up, and the sign goes to the odd
 * parts: f and the constant term.
 */
typedef struct {
    __m512i number;
    __mmask16 upper; /* 32 .. 63 */
    nam_v f;
    nam_v sign;
} nam_v_segments;

#define NAM_TANH_UPPER 3.9375f /* where segment 32 begins */

NAM_INLINE nam_v_segments nam_v_segments_at(nam_v x, nam_v size, nam_v shifted, __mmask16 upper)
{
    nam_v_segments found;
    /* NaN becomes -1, as in nam_tanh. */
    const nam_v y = _mm512_max_ps(x, _mm512_set1_ps(-NAM_TANH_LIMIT));
    const nam_v centre = _mm512_sub_ps(shifted, _mm512_set1_ps(NAM_TANH_MAGIC));
    found.sign = _mm512_and_ps(y, _mm512_set1_ps(-0.0f));
    found.number = _mm512_castps_si512(shifted);
    found.upper = upper;
    found.f = _mm512_xor_ps(_mm512_sub_ps(size, centre), found.sign);
    return found;
}

/* The smaller of |x| and a limit; the limit where x is NaN. */
#define NAM_V_SIZE(x, limit) _mm512_range_ps(x, _mm512_set1_ps(limit), 10)

/* The segments of x. */
NAM_INLINE nam_v_segments nam_v_segments_of(nam_v x)
{
    const nam_v size = NAM_V_SIZE(x, NAM_TANH_LIMIT);
    const nam_v shifted = _mm512_add_ps(size, _mm512_set1_ps(NAM_TANH_MAGIC));
    const nam_v from = _mm512_set1_ps(NAM_TANH_UPPER);
    return nam_v_segments_at(
        x, size, shifted, _mm512_cmp_ps_mask(_mm512_abs_ps(x), from, _CMP_NLT_UQ));
}

/* The segments of x / 2; halving is exact, or too small to matter in `shifted`. */
NAM_INLINE nam_v_segments nam_v_segments_of_half(nam_v x)
{
    const nam_v half = _mm512_set1_ps(0.5f);
    const nam_v size = NAM_V_SIZE(x, 2.0f * NAM_TANH_LIMIT);
    const nam_v shifted = _mm512_fmadd_ps(size, half, _mm512_set1_ps(NAM_TANH_MAGIC));
    const nam_v from = _mm512_set1_ps(2.0f * NAM_TANH_UPPER);
    return nam_v_segments_at(
        x, _mm512_mul_ps(size, half), shifted,
        _mm512_cmp_ps_mask(_mm512_abs_ps(x), from, _CMP_NLT_UQ));
}

/* One constant of the cubics: a permutation looks up sixteen of 32 entries at once. */
NAM_INLINE nam_v nam_v_tanh_column(const float *column, nam_v_segments at)
{
    const nam_v low = _mm512_permutex2var_ps(
        _mm512_load_ps(column), at.number, _mm512_load_ps(column + 16));
    const nam_v high = _mm512_permutex2var_ps(
        _mm512_load_ps(column + 32), at.number, _mm512_load_ps(column + 48));
    return _mm512_mask_blend_ps(at.upper, low, high);
}

NAM_INLINE nam_v nam_v_tanh_at(nam_v_segments at)
{
    nam_v t = nam_v_tanh_column(nam_tanh_columns[3], at);
    const nam_v c2 = _mm512_xor_ps(nam_v_tanh_column(nam_tanh_columns[2], at), at.sign);
    t = nam_v_fma(at.f, t, c2);
    t = nam_v_fma(at.f, t, nam_v_tanh_column(nam_tanh_columns[1], at));
    /* The constant of segment 0 is -0.0f for either sign. */
    const nam_v c0 = _mm512_or_ps(nam_v_tanh_column(nam_tanh_columns[0], at), at.sign);
    return nam_v_fma(at.f, t, c0);
}

NAM_INLINE nam_v nam_v_tanh(nam_v x)
{
    return nam_v_tanh_at(nam_v_segments_of(x));
}

NAM_INLINE nam_v nam_v_sigmoid(nam_v x)
{
    const nam_v half = nam_v_splat(0.5f);
    return nam_v_fma(half, nam_v_tanh_at(nam_v_segments_of_half(x)), half);
}

#elif defined(NAM_VECTOR_AVX2)

/* The rows of two segments, the one of `low` in the lower half; each is a place behind `table`. */
NAM_INLINE __m256 nam_v_tanh_rows(uintptr_t table, uint64_t low, uint64_t high)
{
    const __m128 row = _mm_load_ps((const float *)(table + low));
    return _mm256_insertf128_ps(
        _mm256_castps128_ps256(row), _mm_load_ps((const float *)(table + high)), 1);
}

/*
 * The cubics at f of the segments whose numbers are in the low bits of x + NAM_TANH_MAGIC.
 *
 * Eight rows of the table are loaded whole and turned into four columns. Their places leave the
 * vector in pairs; the constant part of these is taken from the start of the table. It is spelled
 * out because GCC keeps a loop, and moves the rows through memory.
 */
NAM_INLINE nam_v nam_v_tanh_at(nam_v shifted, nam_v f)
{
    const uint32_t first = NAM_TANH_FIRST << 4;
    const uintptr_t table = (uintptr_t)nam_tanh_table - first;
    const __m256i at = _mm256_slli_epi32(_mm256_castps_si256(shifted), 4);
    const __m128i low = _mm256_castsi256_si128(at);
    const __m128i high = _mm256_extracti128_si256(at, 1);
    const uint64_t at01 = (uint64_t)_mm_cvtsi128_si64(low);
    const uint64_t at23 = (uint64_t)_mm_extract_epi64(low, 1);
    const uint64_t at45 = (uint64_t)_mm_cvtsi128_si64(high);
    const uint64_t at67 = (uint64_t)_mm_extract_epi64(high, 1);
    const __m256 row0 = nam_v_tanh_rows(table, (uint32_t)at01, (uint32_t)at45);
    const __m256 row1 = nam_v_tanh_rows(table, at01 >> 32, at45 >> 32);
    const __m256 row2 = nam_v_tanh_rows(table, (uint32_t)at23, (uint32_t)at67);
    const __m256 row3 = nam_v_tanh_rows(table, at23 >> 32, at67 >> 32);
    const __m256 a = _mm256_unpacklo_ps(row0, row1);
    const __m256 b = _mm256_unpacklo_ps(row2, row3);
    const __m256 c = _mm256_unpackhi_ps(row0, row1);
    const __m256 d = _mm256_unpackhi_ps(row2, row3);
    const nam_v c0 = _mm256_shuffle_ps(a, b, 0x44);
    const nam_v c1 = _mm256_shuffle_ps(a, b, 0xEE);
    const nam_v c2 = _mm256_shuffle_ps(c, d, 0x44);
    const nam_v c3 = _mm256_shuffle_ps(c, d, 0xEE);
    return nam_v_fma(f, nam_v_fma(f, nam_v_fma(f, c3, c2), c1), c0);
}

/* x within the limits, which tanh is constant beyond; the lower one where x is NaN. */
NAM_INLINE nam_v nam_v_limited(nam_v x, float limit)
{
    return nam_v_min(nam_v_max(x, _mm256_set1_ps(-limit)), _mm256_set1_ps(limit));
}

NAM_INLINE nam_v nam_v_tanh(nam_v x)
{
    const nam_v magic = _mm256_set1_ps(NAM_TANH_MAGIC);
    const nam_v y = nam_v_limited(x, NAM_TANH_LIMIT);
    const nam_v shifted = _mm256_add_ps(y, magic);
    return nam_v_tanh_at(shifted, _mm256_sub_ps(y, _mm256_sub_ps(shifted, magic)));
}

/* Halving x is exact, or too small to matter: it is part of the two sums that read x / 2. */
NAM_INLINE nam_v nam_v_sigmoid(nam_v x)
{
    const nam_v half = _mm256_set1_ps(0.5f);
    const nam_v magic = _mm256_set1_ps(NAM_TANH_MAGIC);
    const nam_v y = nam_v_limited(x, 2.0f * NAM_TANH_LIMIT);
    const nam_v shifted = _mm256_fmadd_ps(y, half, magic);
    const nam_v f = _mm256_fmsub_ps(y, half, _mm256_sub_ps(shifted, magic));
    return nam_v_fma(half, nam_v_tanh_at(shifted, f), half);
}

#elif defined(NAM_VECTOR_NEON)

/* Four rows of the table are loaded whole and turned into four columns. */
NAM_INLINE nam_v nam_v_tanh(nam_v x)
{
    const nam_v limit = vdupq_n_f32(NAM_TANH_LIMIT);
    const nam_v y = nam_v_min(nam_v_max(x, vdupq_n_f32(-NAM_TANH_LIMIT)), limit);
    const nam_v magic = vdupq_n_f32(NAM_TANH_MAGIC);
    const nam_v shifted = vaddq_f32(y, magic);
    const nam_v f = vsubq_f32(y, vsubq_f32(shifted, magic));
    float32x4_t row[4];
    row[0] = vld1q_f32(nam_row(nam_tanh_table, NAM_TANH_FIRST, vgetq_lane_f32(shifted, 0)));
    row[1] = vld1q_f32(nam_row(nam_tanh_table, NAM_TANH_FIRST, vgetq_lane_f32(shifted, 1)));
    row[2] = vld1q_f32(nam_row(nam_tanh_table, NAM_TANH_FIRST, vgetq_lane_f32(shifted, 2)));
    row[3] = vld1q_f32(nam_row(nam_tanh_table, NAM_TANH_FIRST, vgetq_lane_f32(shifted, 3)));
    const float32x4x2_t ab = vtrnq_f32(row[0], row[1]);
    const float32x4x2_t cd = vtrnq_f32(row[2], row[3]);
    const nam_v c0 = vcombine_f32(vget_low_f32(ab.val[0]), vget_low_f32(cd.val[0]));
    const nam_v c1 = vcombine_f32(vget_low_f32(ab.val[1]), vget_low_f32(cd.val[1]));
    const nam_v c2 = vcombine_f32(vget_high_f32(ab.val[0]), vget_high_f32(cd.val[0]));
    const nam_v c3 = vcombine_f32(vget_high_f32(ab.val[1]), vget_high_f32(cd.val[1]));
    return nam_v_fma(f, nam_v_fma(f, nam_v_fma(f, c3, c2), c1), c0);
}

#elif defined(NAM_VECTOR_SIMD128)

/* The cubic c0 .. c3 at f; its sums are looked at together. */
NAM_INLINE nam_v nam_v_cubic(nam_v f, nam_v c0, nam_v c1, nam_v c2, nam_v c3)
{
    nam_doubt doubt = NAM_NO_DOUBT;
    const nam_v tried2 = nam_v_fma_tried(&doubt, f, c3, c2);
    const nam_v tried1 = nam_v_fma_tried(&doubt, f, tried2, c1);
    const nam_v tried0 = nam_v_fma_tried(&doubt, f, tried1, c0);
    if (NAM_IS_DOUBTED(doubt)) {
        return nam_v_fma_sure(f, nam_v_fma_sure(f, nam_v_fma_sure(f, c3, c2), c1), c0);
    }
    return tried0;
}

/* Two rows of the table are loaded whole and turned into four columns. */
static __attribute__((noinline, unused)) nam_v nam_v_tanh(nam_v x)
{
    const nam_v limit = nam_v_splat(NAM_TANH_LIMIT);
    const nam_v y = nam_v_min(nam_v_max(x, nam_v_splat(-NAM_TANH_LIMIT)), limit);
    const nam_v magic = nam_v_splat(NAM_TANH_MAGIC);
    const v128_t shifted = nam_v_narrow(y + magic);
    const nam_v f = nam_v_sub(y, nam_v_sub(nam_v_widen(shifted), magic));
    const float first = wasm_f32x4_extract_lane(shifted, 0);
    const float second = wasm_f32x4_extract_lane(shifted, 1);
    const v128_t row0 = wasm_v128_load(nam_row(nam_tanh_table, NAM_TANH_FIRST, first));
    const v128_t row1 = wasm_v128_load(nam_row(nam_tanh_table, NAM_TANH_FIRST, second));
    const v128_t c01 = wasm_i32x4_shuffle(row0, row1, 0, 4, 1, 5);
    const v128_t c23 = wasm_i32x4_shuffle(row0, row1, 2, 6, 3, 7);
    const nam_v c1 = nam_v_widen(wasm_i64x2_shuffle(c01, c01, 1, 0));
    const nam_v c3 = nam_v_widen(wasm_i64x2_shuffle(c23, c23, 1, 0));
    return nam_v_cubic(f, nam_v_widen(c01), c1, nam_v_widen(c23), c3);
}


#else

NAM_INLINE nam_v nam_v_tanh(nam_v x) { NAM_V_EACH(nam_tanh(x.lane[lane])); }

#endif

#if !defined(NAM_VECTOR_AVX512) && !defined(NAM_VECTOR_AVX2)

NAM_INLINE nam_v nam_v_sigmoid(nam_v x)
{
    const nam_v half = nam_v_splat(0.5f);
    return nam_v_fma(half, nam_v_tanh(nam_v_mul(half, x)), half);
}

#endif

NAM_INLINE nam_v nam_v_silu(nam_v x)
{
    const nam_v h = nam_v_mul(nam_v_splat(0.5f), x);
    return nam_v_fma(h, nam_v_tanh(h), h);
}

#endif
