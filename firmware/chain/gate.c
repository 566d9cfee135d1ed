#include "gate.h"

#include <stdint.h>

#include "chain_plan.h"
#include "knob.h"
#include "step.h"

enum gate_state { GATE_HOLDS, GATE_MOVES };

static struct gate_parts {
    struct knob knob;
    float threshold_db;
    float deepest_db; /* the reduction of GATE_SILENCE_DB */
    float power;
    enum gate_state state;
    int32_t quiet_frames; /* since the level fell below the threshold, while it holds */
    float reduction_db;   /* 0 or less */
    float gain;           /* of the last frame behind the model */
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

    return nam_fma(polynomial(gate_log2_terms, rest), rest, (float)exponent);
}

/* 2^-x for 0 <= x <= 126: the nearest whole power, and a polynomial for what is left. */
static inline float exp2_of_minus(float x)
{
    const uint32_t whole = (uint32_t)(x + 0.5f);
    const float rest = (float)whole - x;
    const float power = polynomial(gate_exp2_terms, rest);

    return nam_float_of(nam_bits_of(power) - (whole << FRACTION_BITS));
}

static float reduction_at(float level_db)
{
    const float below_db = nam_min(level_db - gate.threshold_db, 0.0f);

    return -GATE_RATIO * (below_db * below_db);
}

static void turn_knob(void)
{
    gate.threshold_db = nam_fma(gate.knob.position, GATE_HIGHEST_DB - GATE_LOWEST_DB, GATE_LOWEST_DB);
    gate.deepest_db = reduction_at(GATE_SILENCE_DB);
}

void gate_set(float position)
{
    knob_turn(&gate.knob, position);
}

void gate_reset(void)
{
    knob_jump(&gate.knob);
    turn_knob();
    gate.power = GATE_LEAST_POWER;
    gate.state = GATE_MOVES;
    gate.quiet_frames = 0;
    gate.reduction_db = gate.deepest_db;
    gate.gain = 0.0f;
}

/* Each frame weighs as if the power had followed it by itself. */
static float follow_power(const float *samples)
{
    const struct step s = step_load(samples);
    float power = GATE_POWER_KEEP * gate.power;

    UNROLLED
    for (size_t k = 0; k < STEP_FRAMES; k++) {
        power = nam_fma(s.at[k] * s.at[k], gate_power_weights[k], power);
    }
    return nam_min(nam_max(power, GATE_LEAST_POWER), GATE_MOST_POWER);
}

static void hold(float level_db)
{
    gate.reduction_db = 0.0f;
    gate.quiet_frames = level_db < gate.threshold_db ? gate.quiet_frames + (int32_t)STEP_FRAMES : 0;
    if (gate.quiet_frames >= GATE_HOLD_FRAMES) {
        gate.state = GATE_MOVES;
    }
}

/* Halving the way once per frame; not faster than opening and closing may be. */
static void move(float level_db)
{
    const float wanted_db = reduction_at(level_db);
    const float way_db = GATE_WAY_PER_STEP * (wanted_db - gate.reduction_db);
    const float opening_db = gate.deepest_db * -GATE_OPENING_PER_STEP;
    const float closing_db = gate.deepest_db * GATE_CLOSING_PER_STEP;

    gate.reduction_db += nam_max(nam_min(way_db, opening_db), closing_db);
    gate.reduction_db = nam_max(gate.reduction_db, gate.deepest_db);
    if (gate.reduction_db > -GATE_OPEN_DB && wanted_db == 0.0f) {
        gate.reduction_db = 0.0f;
        gate.state = GATE_HOLDS;
        gate.quiet_frames = 0;
    }
}

static float next_gain(void)
{
    const float level_db = GATE_DB_PER_OCTAVE_OF_POWER * log2_of(gate.power);

    if (gate.state == GATE_HOLDS) {
        hold(level_db);
        return 1.0f;
    }
    move(level_db);
    return exp2_of_minus(nam_min(gate.reduction_db * -GATE_OCTAVES_PER_DB, GATE_MOST_OCTAVES));
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
