/*
 * The signal chain works in steps of eight frames: what a knob does changes once per step, and a
 * step's samples are in registers together.
 */
#ifndef STEP_H
#define STEP_H

#include <stddef.h>

#include "nam_math.h"
#include "nam_platform.h"

#define STEP_FRAMES 8u

struct step {
    float at[STEP_FRAMES];
};

/* Loads go in a run of their own: on a Cortex-M7 two of them share a cycle then. */
NAM_INLINE struct step step_load(const float *samples)
{
    struct step s = { { samples[0], samples[1], samples[2], samples[3],
                        samples[4], samples[5], samples[6], samples[7] } };

    NAM_PIN_4(s.at[0], s.at[1], s.at[2], s.at[3]);
    NAM_PIN_4(s.at[4], s.at[5], s.at[6], s.at[7]);
    return s;
}

NAM_INLINE void step_store(float *samples, struct step s)
{
    NAM_PIN_4(s.at[0], s.at[1], s.at[2], s.at[3]);
    NAM_PIN_4(s.at[4], s.at[5], s.at[6], s.at[7]);
    samples[0] = s.at[0];
    samples[1] = s.at[1];
    samples[2] = s.at[2];
    samples[3] = s.at[3];
    samples[4] = s.at[4];
    samples[5] = s.at[5];
    samples[6] = s.at[6];
    samples[7] = s.at[7];
}

/* A straight line: the last frame of a step has `to`, the last frame before it had `from`. */
NAM_INLINE struct step step_line(float from, float to)
{
    const float slope = (to - from) * (1.0f / (float)STEP_FRAMES);
    const struct step line = { { from + slope, nam_fma(2.0f, slope, from),
                                 nam_fma(3.0f, slope, from), nam_fma(4.0f, slope, from),
                                 nam_fma(5.0f, slope, from), nam_fma(6.0f, slope, from),
                                 nam_fma(7.0f, slope, from), to } };

    return line;
}

NAM_INLINE struct step step_scale(struct step s, struct step gain)
{
    const struct step scaled = { { s.at[0] * gain.at[0], s.at[1] * gain.at[1],
                                   s.at[2] * gain.at[2], s.at[3] * gain.at[3],
                                   s.at[4] * gain.at[4], s.at[5] * gain.at[5],
                                   s.at[6] * gain.at[6], s.at[7] * gain.at[7] } };

    return scaled;
}

#endif
