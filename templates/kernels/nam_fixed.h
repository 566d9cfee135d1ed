/*
 * Fixed point: what a Cortex-M7 does in one instruction each, in plain C.
 *
 * No sum overflows, whatever the input is: the generator has proven it from the weights.
 */
#ifndef NAM_FIXED_H
#define NAM_FIXED_H

#include "nam_math.h"
#include "nam_platform.h"

/* Words lie in pairs: a Cortex-M7 stores two at once, and loads one of each memory bank. */
#define NAM_IN_PAIRS __attribute__((aligned(8)))

/* The number with these bits. */
static inline int32_t nam_signed(uint32_t bits)
{
    union {
        uint32_t bits;
        int32_t number;
    } u;
    u.bits = bits;
    return u.number;
}

/* ASR: halves, so often, rounded down. */
static inline int32_t nam_halved(int32_t value, unsigned times)
{
    return value < 0 ? ~(~value >> times) : value >> times;
}

/* SMMULR: the upper half of a product, rounded. */
static inline int32_t nam_high(int32_t a, int32_t b)
{
#if defined(NAM_TARGET_CORTEX_M7)
    int32_t high;
    __asm__("smmulr %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
    return high;
#else
    const int64_t rounded = (int64_t)a * b + INT64_C(2147483648);
    return nam_signed((uint32_t)((uint64_t)rounded >> 32));
#endif
}

/* SMMLAR: onto a sum. */
static inline int32_t nam_onto(int32_t sum, int32_t a, int32_t b)
{
#if defined(NAM_TARGET_CORTEX_M7)
    int32_t total;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(total) : "r"(a), "r"(b), "r"(sum));
    return total;
#else
    return sum + nam_high(a, b);
#endif
}

/* The lower and the upper one of two short numbers in a word. */
static inline int32_t nam_low(int32_t word)
{
    const uint32_t raised = ((uint32_t)word & 0xFFFFU) ^ 0x8000U;
    return (int32_t)raised - 0x8000;
}

static inline int32_t nam_upper(int32_t word)
{
    const uint32_t raised = ((uint32_t)word >> 16) ^ 0x8000U;
    return (int32_t)raised - 0x8000;
}

/* SMLAD: two products of short numbers onto a sum. */
static inline int32_t nam_dual(int32_t sum, int32_t a, int32_t b)
{
    return sum + nam_low(a) * nam_low(b) + nam_upper(a) * nam_upper(b);
}

/* SSAT: held within a signed number of so many bits. */
static inline int32_t nam_held(int32_t value, unsigned bits)
{
    const int32_t most = nam_signed((1U << (bits - 1U)) - 1U);
    const int32_t below = value < -most - 1 ? -most - 1 : value;
    return below > most ? most : below;
}

/* PKHBT: two short numbers as a word. */
static inline int32_t nam_pair(int32_t low, int32_t high)
{
    return nam_signed(((uint32_t)low & 0xFFFFU) | ((uint32_t)high << 16));
}

/* AND: what a mask keeps of a number. */
static inline int32_t nam_masked(int32_t value, int32_t mask)
{
    return nam_signed((uint32_t)value & (uint32_t)mask);
}

/* LSL. */
static inline int32_t nam_doubled(int32_t value, unsigned times)
{
    return nam_signed((uint32_t)value << times);
}

/* ASR, AND, SMMULR, SMMLAR: one slope above zero, another one below, and a new step. */
static inline int32_t nam_slopes(int32_t z, int32_t scale, int32_t bend)
{
    return nam_onto(nam_high(z, scale), z < 0 ? z : 0, bend);
}

/*
 * tanh by straight lines about multiples of 1/128, z having so many fractional bits. A row of the
 * table is a value and a slope; `table` is that of 0, in the middle.
 */
static inline int32_t nam_tanh_of(int32_t z, const int32_t *table, unsigned fraction_bits)
{
    const int32_t u = nam_held(z, fraction_bits + 4U);
    const int32_t near = u + nam_signed(1U << (fraction_bits - 8U));
    const int32_t row = 2 * nam_halved(near, fraction_bits - 7U);
    return nam_onto(table[row], table[row + 1], nam_doubled(u, 39U - fraction_bits));
}

/*
 * tanh by straight lines that meet at the multiples of 1/64, u having 21 fractional bits. A row of
 * the table is a value, and in its lower half a slope; `table` is the row of 0, in the middle.
 */
static inline int32_t nam_short_tanh(int32_t u, const int32_t *table)
{
    const int32_t held = nam_held(u, 25);
    const int32_t row = table[nam_halved(held, 15)];
    return row + nam_low(row) * nam_low(held);
}

/* VCVT: a sample with 30 fractional bits, cut off; from -2 up to 2, NaN and infinities are 0. */
static inline int32_t nam_enter(float sample)
{
    const float scaled = nam_sanitize(sample) * 1073741824.0f;
#if defined(NAM_TARGET_CORTEX_M7)
    float bits;
    __asm__("vcvt.s32.f32 %0, %1" : "=t"(bits) : "t"(scaled));
    return nam_signed(nam_bits_of(bits));
#else
    if (!(scaled < 2147483648.0f)) {
        return INT32_MAX;
    }
    return scaled < -2147483648.0f ? INT32_MIN : (int32_t)scaled;
#endif
}

#endif
