/*
 * What goes wrong when a flag, a compiler or a setting of the processor is not as it must be.
 */
#ifndef NAM_SELF_TEST_H
#define NAM_SELF_TEST_H

#include "nam_math.h"

#define NAM_FLUSHES_SUBNORMALS 1
#define NAM_OPERATIONS_DIFFER 2
#define NAM_OUTPUT_DIFFERS 4

/* Numbers below 2^-126 must count, as operands and as results. */
static inline int nam_test_subnormals(void)
{
    volatile float least_normal = 1.17549435e-38f, least = 1.4e-45f;
    const uint32_t half = nam_bits_of(least_normal * 0.5f);
    const uint32_t scaled = nam_bits_of(least * 8388608.0f);
    return half == 0x00400000U && scaled == 0x00800000U ? 0 : NAM_FLUSHES_SUBNORMALS;
}

/* Each of these changes in a bit when an operation is fused, reordered, left out or replaced. */
static inline int nam_test_operations(void)
{
    volatile float x = 1.00000012f, square = 1.00000024f, third = 0.3f, minus_zero = -0.0f;
    volatile float five = 5.0f, near = 1.0002441f, share = 5.9590096e-08f;
    const float a = x, b = -square, c = third;
    int right = nam_bits_of(a * a + b) == 0U;
    right &= nam_bits_of(nam_fma(a, a, b)) == 0x28800000U;
    right &= nam_bits_of(nam_fma(near, share, 1.0f)) == 0x3F800001U;
    right &= nam_bits_of((c + 1572864.0f) - 1572864.0f) == 0x3E800000U;
    right &= nam_bits_of(minus_zero + 0.0f) == 0U;
    right &= nam_bits_of(five / 3.0f) == 0x3FD55555U;
    return right ? 0 : NAM_OPERATIONS_DIFFER;
}

#endif
