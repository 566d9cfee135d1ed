#include "gate.h"

#include <stdbool.h>
#include <stdint.h>

#include "chain_plan.h"
#include "knob.h"
#include "step.h"

enum gate_state { GATE_HOLDS, GATE_MOVES };

/* Levels in octaves of power, 3.01 dB; reductions in octaves of amplitude, 6.02 dB, 0 or less. */
static struct gate_parts {
    struct knob knob;
    float threshold_octaves;
    float deepest_octaves; /* the reduction of silence */
    float power;
    enum gate_state state;
    int32_t quiet_frames; /* since the level fell below the threshold, while it holds */
    float reduction_octaves;
    float gain;                                    /* of the last frame behind the model */
    float gains[CHAIN_BLOCK_FRAMES / STEP_FRAMES]; /* of the last frame of each step */
} gate = { .knob = { GATE_DEFAULT, GATE_DEFAULT } };

#define FRACTION_BITS 23
#define EXPONENT_BIAS 127
#define ONE_BITS 0x3F800000u
#define SQRT_HALF_BITS 0x3F3504F3u

/* The first term belongs to the highest of five powers; pairs do not wait for each other. */
NAM_INLINE float polynomial(const float terms[GATE_TERMS], float x)
{
    const float square = x * x;
    const float high = nam_fma(terms[0], x, terms[1]);
    const float middle = nam_fma(terms[2], x, terms[3]);
    const float low = nam_fma(terms[4], x, terms[5]);

    return nam_fma(nam_fma(high, square, middle), square, low);
}

/* For normal x > 0: its exponent, and a polynomial in m - 1 for sqrt(1/2) <= m < sqrt(2). */
static inline float log2_of(float x)
{
    const uint32_t bits = nam_bits_of(x);
    const uint32_t biased = (bits + (ONE_BITS - SQRT_HALF_BITS)) >> FRACTION_BITS;
    const float m = nam_float_of(bits + ONE_BITS - (biased << FRACTION_BITS));
    const int32_t exponent = (int32_t)biased - EXPONENT_BIAS;
    const float rest = m - 1.0f;

    return nam_fma(polynomial(gate_numbers.log2_terms, rest), rest, (float)exponent);
}

/* 2^-x for 0 <= x <= 126: the nearest whole power, and a polynomial for what is left. */
static inline float exp2_of_minus(float x)
{
    const uint32_t whole = (uint32_t)(x + 0.5f);
    const float rest = (float)whole - x;
    const float power = polynomial(gate_numbers.exp2_terms, rest);

    return nam_float_of(nam_bits_of(power) - (whole << FRACTION_BITS));
}

static float reduction_at(float level_octaves)
{
    const float below_octaves = nam_min(level_octaves - gate.threshold_octaves, 0.0f);

    return -gate_numbers.ratio * (below_octaves * below_octaves);
}

static void turn_knob(void)
{
    gate.threshold_octaves =
        nam_fma(gate.knob.position, gate_numbers.span_octaves, gate_numbers.lowest_octaves);
    gate.deepest_octaves = reduction_at(gate_numbers.silence_octaves);
}

void gate_set(float position)
{
    knob_turn(&gate.knob, position);
}

void gate_reset(void)
{
    knob_jump(&gate.knob);
    turn_knob();
    gate.power = gate_numbers.least_power;
    gate.state = GATE_MOVES;
    gate.quiet_frames = 0;
    gate.reduction_octaves = gate.deepest_octaves;
    gate.gain = 0.0f;
}

/*
 * Each frame weighs as if the power had followed it by itself. Every second one has a sum of its
 * own, so that they wait for each other less.
 */
static float follow_power(const float *samples)
{
    const struct step s = step_load(samples);
    const float *weights = gate_numbers.power_weights;
    float power = gate_numbers.power_keep * gate.power;
    float odd = 0.0f;

    UNROLLED
    for (size_t k = 0; k < STEP_FRAMES; k += 2u) {
        power = nam_fma(s.at[k] * s.at[k], weights[k], power);
        odd = nam_fma(s.at[k + 1u] * s.at[k + 1u], weights[k + 1u], odd);
    }
    return nam_min(nam_max(power + odd, gate_numbers.least_power), gate_numbers.most_power);
}

static void hold(float level_octaves)
{
    gate.reduction_octaves = 0.0f;
    gate.quiet_frames += (int32_t)STEP_FRAMES;
    if (level_octaves >= gate.threshold_octaves) {
        gate.quiet_frames = 0;
    }
    if (gate.quiet_frames >= GATE_HOLD_FRAMES) {
        gate.state = GATE_MOVES;
    }
}

/* Of two numbers that are 0 or less; by their bits, as in knob.h. */
static bool is_nearer_to_zero(float a, float b)
{
    return nam_bits_of(a) < nam_bits_of(b);
}

/*
 * Halving the way once per frame; not faster than opening and closing may be. A high threshold asks
 * for more octaves than can be heard, and for all of them in the same time: there the gain falls by
 * 1/32 of a full one per step at most, as 1 + r ln 2 is less than 2^r.
 */
static void move(float level_octaves)
{
    const float now = gate.reduction_octaves;
    const float highest = now - gate.deepest_octaves * gate_numbers.opening_per_step;
    const float closing = now + gate.deepest_octaves * gate_numbers.closing_per_step;
    const float falling = nam_fma(now, gate_numbers.fall_grows, gate_numbers.fall_begins);
    const float lowest = nam_max(closing, falling);
    const float floored = nam_max(lowest, gate.deepest_octaves);
    const float wanted = reduction_at(level_octaves);
    const float nearer = nam_fma(gate_numbers.way_per_step, wanted - now, now);

    gate.reduction_octaves = nam_max(nam_min(nearer, highest), floored);
    if (is_nearer_to_zero(gate.reduction_octaves, gate_numbers.open_octaves) && wanted == 0.0f) {
        gate.reduction_octaves = 0.0f;
        gate.state = GATE_HOLDS;
        gate.quiet_frames = 0;
    }
}

/*
 * A function of its own: inlined, its constants would be kept in registers that every call of
 * gate_listen saves.
 */
NAM_KERNEL float next_gain(void)
{
    const float level_octaves = log2_of(gate.power);

    if (gate.state == GATE_HOLDS) {
        hold(level_octaves);
        return 1.0f;
    }
    move(level_octaves);
    return exp2_of_minus(nam_min(-gate.reduction_octaves, gate_numbers.most_octaves));
}

void gate_listen(const float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        if (knob_moves(&gate.knob)) {
            knob_follow(&gate.knob);
            turn_knob();
        }
        gate.power = follow_power(&samples[i]);
        gate.gains[i / STEP_FRAMES] = next_gain();
    }
}

void gate_process(float *samples, size_t frames)
{
    float gain = gate.gain;

    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        const float next = gate.gains[i / STEP_FRAMES];

        step_store(&samples[i], step_scale(step_load(&samples[i]), gain, next));
        gain = next;
    }
    gate.gain = gain;
}
