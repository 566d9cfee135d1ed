/*
 * Activations in plain operations: the same bits on every compiler and processor.
 *
 * Each has a twin in namgen/reference/activations.py, operation by operation. How far each is
 * from the true function is in docs/activations.md. Those that look up a table are in nam_tanh.h.
 */
#ifndef NAM_ACTIVATIONS_H
#define NAM_ACTIVATIONS_H

#include "nam_math.h"

/*
 * The rational tanh of the NAM plug-in, x (p + q x^2) / (d + (d + x^2) |x + e x |x||).
 * The limit keeps x^4 finite; the quotient is constant long before.
 */
static inline float nam_fast_tanh(float x)
{
    const float y = nam_min(nam_max(x, -1073741824.0f), 1073741824.0f);
    const float a = nam_abs(y);
    const float y2 = y * y;
    const float p = nam_fma(2.45550750702956f, a, 2.45550750702956f);
    const float q = nam_fma(0.821226666969744f, a, 0.893229853513558f);
    const float s = nam_abs(nam_fma(0.814642734961073f * y, a, y));
    const float d = nam_fma(2.44506634652299f + y2, s, 2.44506634652299f);
    return y * nam_fma(q, y2, p) / d;
}

/* 1 / (1 + exp(-x)) by the rational tanh */
static inline float nam_fast_sigmoid(float x)
{
    return nam_fma(0.5f, nam_fast_tanh(0.5f * x), 0.5f);
}

/* x / (1 + |x|) */
static inline float nam_softsign(float x)
{
    return x / (1.0f + nam_abs(x));
}

/* x clamp(x + 3, 0, 6) / 6 */
static inline float nam_hardswish(float x)
{
    return x * (nam_min(nam_max(x + 3.0f, 0.0f), 6.0f) * 0.16666667f);
}

/* clamp(x, -1, 1) */
static inline float nam_hardtanh(float x)
{
    return nam_min(nam_max(x, -1.0f), 1.0f);
}

/* max(x, 0) */
static inline float nam_relu(float x)
{
    return nam_max(x, 0.0f);
}

/* x where positive, else slope x; for a slope in (0, 1] */
static inline float nam_leaky_relu(float x, float slope)
{
    return nam_max(x, slope * x);
}

/* x where positive, else slope x; for any slope */
static inline float nam_prelu(float x, float slope)
{
    return nam_fma(slope, nam_min(x, 0.0f), nam_max(x, 0.0f));
}

/* x between lo and hi; beyond, a line from there with its own slope; lo <= hi */
static inline float nam_leaky_hardtanh(float x, float lo, float hi, float slope_lo, float slope_hi)
{
    const float inside = nam_min(nam_max(x, lo), hi) + 0.0f; /* no -0: processors differ on it */
    const float below = nam_min(x - lo, 0.0f);
    const float above = nam_max(x - hi, 0.0f);
    return nam_fma(slope_hi, above, nam_fma(slope_lo, below, inside));
}

#endif
