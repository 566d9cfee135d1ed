/*
 * The signal chain works in steps of eight frames: what a knob does changes once per step, and a
 * step's samples are in registers together.
 */
#ifndef STEP_H
#define STEP_H

#include <stddef.h>

#include "unrolled.h"

#include "nam_math.h"
#include "nam_platform.h"

#define STEP_FRAMES 8u

struct step {
    float at[STEP_FRAMES];
};

/*
 * All eight in registers before anything else. On a Cortex-M7 two loads share a cycle, but not
 * between multiply-adds, behind which sums wait for three cycles: each kind goes in its own run.
 */
NAM_INLINE struct step step_pinned(struct step s)
{
    NAM_PIN_4(s.at[0], s.at[1], s.at[2], s.at[3]);
    NAM_PIN_4(s.at[4], s.at[5], s.at[6], s.at[7]);
    return s;
}

NAM_INLINE struct step step_load(const float *samples)
{
    const struct step s = { { samples[0], samples[1], samples[2], samples[3],
                              samples[4], samples[5], samples[6], samples[7] } };

    return step_pinned(s);
}

NAM_INLINE void step_store(float *samples, struct step sound)
{
    const struct step s = step_pinned(sound);

    samples[0] = s.at[0];
    samples[1] = s.at[1];
    samples[2] = s.at[2];
    samples[3] = s.at[3];
    samples[4] = s.at[4];
    samples[5] = s.at[5];
    samples[6] = s.at[6];
    samples[7] = s.at[7];
}

/*
 * Times a straight line: the last frame of a step has `to`, the last frame before it had `from`.
 * Sums need fewer registers than products with the number of the frame; every second frame has a
 * sum of its own, so that they wait for each other less.
 */
NAM_INLINE struct step step_scale(struct step s, float from, float to)
{
    const float slope = (to - from) * (1.0f / (float)STEP_FRAMES);
    const float slope_of_two = slope + slope;
    float gain = from + slope;
    float next = from + slope_of_two;

    UNROLLED
    for (size_t k = 0; k < STEP_FRAMES - 2u; k += 2u) {
        s.at[k] = s.at[k] * gain;
        s.at[k + 1u] = s.at[k + 1u] * next;
        gain = gain + slope_of_two;
        next = next + slope_of_two;
    }
    s.at[STEP_FRAMES - 2u] = s.at[STEP_FRAMES - 2u] * gain;
    s.at[STEP_FRAMES - 1u] = s.at[STEP_FRAMES - 1u] * to;
    return s;
}

#endif
