/*
 * tanh, and the activations made of it, by a table: the same bits on every compiler and processor.
 *
 * Each has a twin in namgen/reference/activations.py, operation by operation. How far each is
 * from the true function is in docs/activations.md. Those that need no table are in
 * nam_activations.h.
 */
#ifndef NAM_TANH_H
#define NAM_TANH_H

#include "nam_math.h"
#include "nam_platform.h"
#include "nam_tanh_table.h"

#define NAM_TANH_LIMIT 7.9374995f /* the largest float below 7.9375, where row 63 ends */
#define NAM_TANH_MAGIC 1572864.0f /* 1.5 * 2^20: adding it leaves multiples of 1/8 */
#define NAM_TANH_FIRST (0x49C00000U - 63U) /* the bits of it, less the segments below 0 */

/*
 * The row of the segment whose number is in the low bits of `shifted`; those of row 0 are `first`.
 *
 * On a 32-bit ARM the empty asm keeps the constant part of the address in the base, which a loop
 * computes once; each row is then one shifted add, and its members are at small offsets.
 */
static inline const float *nam_row(const float (*rows)[4], uint32_t first, float shifted)
{
#if defined(__arm__)
    uintptr_t base = (uintptr_t)rows - (first << 4);
    __asm__("" : "+r"(base));
    return (const float *)(base + (nam_bits_of(shifted) << 4));
#else
    return rows[nam_bits_of(shifted) - first];
#endif
}

/* tanh(x): a cubic in the distance f to the nearest multiple of 1/8; odd, monotonic, no branch. */
static inline float nam_tanh(float x)
{
    const float y = nam_min(nam_max(x, -NAM_TANH_LIMIT), NAM_TANH_LIMIT);
    const float shifted = y + NAM_TANH_MAGIC;
    const float f = y - (shifted - NAM_TANH_MAGIC);
    const float *const c = nam_row(nam_tanh_table, NAM_TANH_FIRST, shifted);
    return nam_fma(f, nam_fma(f, nam_fma(f, c[3], c[2]), c[1]), c[0]);
}

/* 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2 */
static inline float nam_sigmoid(float x)
{
    return nam_fma(0.5f, nam_tanh(0.5f * x), 0.5f);
}

/* What a cubic is looked up by: the least and the most of an argument, and what is added to it. */
typedef struct {
    float least, most, magic;
} nam_range;

/* Where four arguments lie: their distances from the middle of their segments, and the rows. */
typedef struct {
    float f0, f1, f2, f3;
    const float *r0, *r1, *r2, *r3;
} nam_places;

/*
 * Four at once, step by step: a Cortex-M7 stalls when additions follow multiply-adds, and when a
 * multiply-add waits for the one before.
 */
NAM_INLINE void nam_places_4(nam_places *at, const nam_range *in, const float (*rows)[4],
                             uint32_t first, float a, float b, float c, float d)
{
    float y0 = nam_min(nam_max(a, in->least), in->most);
    float y1 = nam_min(nam_max(b, in->least), in->most);
    float y2 = nam_min(nam_max(c, in->least), in->most);
    float y3 = nam_min(nam_max(d, in->least), in->most);
    NAM_PIN_4(y0, y1, y2, y3);
    float shifted0 = y0 + in->magic;
    float shifted1 = y1 + in->magic;
    float shifted2 = y2 + in->magic;
    float shifted3 = y3 + in->magic;
    NAM_PIN_4(shifted0, shifted1, shifted2, shifted3);
    at->f0 = y0 - (shifted0 - in->magic);
    at->f1 = y1 - (shifted1 - in->magic);
    at->f2 = y2 - (shifted2 - in->magic);
    at->f3 = y3 - (shifted3 - in->magic);
    NAM_PIN_4(at->f0, at->f1, at->f2, at->f3);
    at->r0 = nam_row(rows, first, shifted0);
    at->r1 = nam_row(rows, first, shifted1);
    at->r2 = nam_row(rows, first, shifted2);
    at->r3 = nam_row(rows, first, shifted3);
}

/* Their cubics. */
NAM_INLINE void nam_cubics_4(const nam_places *at, float *a, float *b, float *c, float *d)
{
    float p0 = at->r0[2], p1 = at->r1[2], p2 = at->r2[2], p3 = at->r3[2];
    float q0 = at->r0[3], q1 = at->r1[3], q2 = at->r2[3], q3 = at->r3[3];
    NAM_PIN_4(q0, q1, q2, q3);
    NAM_PIN_4(p0, p1, p2, p3);
    p0 = nam_fma(at->f0, q0, p0);
    p1 = nam_fma(at->f1, q1, p1);
    p2 = nam_fma(at->f2, q2, p2);
    p3 = nam_fma(at->f3, q3, p3);
    NAM_PIN_4(p0, p1, p2, p3);
    q0 = at->r0[1];
    q1 = at->r1[1];
    float s0 = at->r0[0];
    NAM_KEEP_3(q0, q1, s0);
    float s1 = at->r1[0];
    q2 = at->r2[1];
    NAM_KEEP_2(s1, q2);
    float s2 = at->r2[0];
    q3 = at->r3[1];
    NAM_KEEP_2(s2, q3);
    float s3 = at->r3[0];
    NAM_PIN_4(q0, q1, q2, q3);
    NAM_PIN_4(s0, s1, s2, s3);
    q0 = nam_fma(at->f0, p0, q0);
    q1 = nam_fma(at->f1, p1, q1);
    q2 = nam_fma(at->f2, p2, q2);
    q3 = nam_fma(at->f3, p3, q3);
    NAM_PIN_4(q0, q1, q2, q3);
    *a = nam_fma(at->f0, q0, s0);
    *b = nam_fma(at->f1, q1, s1);
    *c = nam_fma(at->f2, q2, s2);
    *d = nam_fma(at->f3, q3, s3);
    NAM_PIN_4(*a, *b, *c, *d);
}

/* Four tanh at once. */
NAM_INLINE void nam_tanh_4(float *a, float *b, float *c, float *d)
{
    nam_range in;
    nam_places at;
    in.least = -NAM_TANH_LIMIT;
    in.most = NAM_TANH_LIMIT;
    in.magic = NAM_TANH_MAGIC;
    NAM_PIN_4(*a, *b, *c, *d);
    nam_places_4(&at, &in, nam_tanh_table, NAM_TANH_FIRST, *a, *b, *c, *d);
    nam_cubics_4(&at, a, b, c, d);
}

/*
 * Four sigmoids at once. 0.5 t is exact, or too small to count beside 0.5: a multiplication and an
 * addition have the bits of the multiply-add, which would need a copy of 0.5 for each.
 */
NAM_INLINE void nam_sigmoid_4(float *a, float *b, float *c, float *d)
{
    NAM_PIN_4(*a, *b, *c, *d);
    float t0 = 0.5F * *a, t1 = 0.5F * *b, t2 = 0.5F * *c, t3 = 0.5F * *d;
    nam_tanh_4(&t0, &t1, &t2, &t3);
    t0 *= 0.5F;
    t1 *= 0.5F;
    t2 *= 0.5F;
    t3 *= 0.5F;
    NAM_PIN_4(t0, t1, t2, t3);
    *a = t0 + 0.5F;
    *b = t1 + 0.5F;
    *c = t2 + 0.5F;
    *d = t3 + 0.5F;
    NAM_PIN_4(*a, *b, *c, *d);
}

/* x / (1 + exp(-x)) = h + h tanh(h) with h = x / 2 */
static inline float nam_silu(float x)
{
    const float h = 0.5f * x;
    return nam_fma(h, nam_tanh(h), h);
}

#endif
