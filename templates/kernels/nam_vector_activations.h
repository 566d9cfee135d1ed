/*
 * The functions of nam_activations.h on vectors: lane by lane the same operations and bits.
 */
#ifndef NAM_VECTOR_ACTIVATIONS_H
#define NAM_VECTOR_ACTIVATIONS_H

#include "nam_vector.h"

NAM_INLINE nam_v nam_v_fast_tanh(nam_v x)
{
    const nam_v largest = nam_v_splat(1073741824.0f);
    const nam_v y = nam_v_min(nam_v_max(x, nam_v_splat(-1073741824.0f)), largest);
    const nam_v a = nam_v_abs(y);
    const nam_v y2 = nam_v_mul(y, y);
    const nam_v p = nam_v_fma(nam_v_splat(2.45550750702956f), a, nam_v_splat(2.45550750702956f));
    const nam_v q = nam_v_fma(nam_v_splat(0.821226666969744f), a, nam_v_splat(0.893229853513558f));
    const nam_v s =
        nam_v_abs(nam_v_fma(nam_v_mul(nam_v_splat(0.814642734961073f), y), a, y));
    const nam_v e = nam_v_splat(2.44506634652299f);
    const nam_v d = nam_v_fma(nam_v_add(e, y2), s, e);
    return nam_v_div(nam_v_mul(y, nam_v_fma(q, y2, p)), d);
}

NAM_INLINE nam_v nam_v_fast_sigmoid(nam_v x)
{
    const nam_v half = nam_v_splat(0.5f);
    return nam_v_fma(half, nam_v_fast_tanh(nam_v_mul(half, x)), half);
}

NAM_INLINE nam_v nam_v_softsign(nam_v x)
{
    return nam_v_div(x, nam_v_add(nam_v_splat(1.0f), nam_v_abs(x)));
}

NAM_INLINE nam_v nam_v_hardswish(nam_v x)
{
    const nam_v shifted = nam_v_max(nam_v_add(x, nam_v_splat(3.0f)), nam_v_splat(0.0f));
    const nam_v gate = nam_v_min(shifted, nam_v_splat(6.0f));
    return nam_v_mul(x, nam_v_mul(gate, nam_v_splat(0.16666667f)));
}

NAM_INLINE nam_v nam_v_hardtanh(nam_v x)
{
    return nam_v_min(nam_v_max(x, nam_v_splat(-1.0f)), nam_v_splat(1.0f));
}

NAM_INLINE nam_v nam_v_relu(nam_v x)
{
    return nam_v_max(x, nam_v_splat(0.0f));
}

NAM_INLINE nam_v nam_v_leaky_relu(nam_v x, nam_v slope)
{
    return nam_v_max(x, nam_v_mul(slope, x));
}

NAM_INLINE nam_v nam_v_prelu(nam_v x, nam_v slope)
{
    const nam_v zero = nam_v_splat(0.0f);
    return nam_v_fma(slope, nam_v_min(x, zero), nam_v_max(x, zero));
}

NAM_INLINE nam_v nam_v_leaky_hardtanh(
    nam_v x, nam_v lo, nam_v hi, nam_v slope_lo, nam_v slope_hi)
{
    const nam_v zero = nam_v_splat(0.0f);
    const nam_v inside = nam_v_add(nam_v_min(nam_v_max(x, lo), hi), zero);
    const nam_v below = nam_v_min(nam_v_sub(x, lo), zero);
    const nam_v above = nam_v_max(nam_v_sub(x, hi), zero);
    return nam_v_fma(slope_hi, above, nam_v_fma(slope_lo, below, inside));
}

#endif
