/*
 * A gain that a knob and a capture set, and that the sound follows at so many decibels a second.
 */
#ifndef GAIN_H
#define GAIN_H

#include "knob.h"
#include "step.h"

struct gain {
    float knob;    /* what the player wants */
    float capture; /* times what the capture asks */
    float now;     /* of the last frame */
};

NAM_INLINE void gain_reset(struct gain *gain)
{
    gain->now = gain->knob * gain->capture;
}

/* One step further towards what is wanted, by a factor of at most GAIN_RISE_PER_STEP. */
NAM_INLINE struct step gain_apply(struct gain *gain, struct step s)
{
    const float from = gain->now;
    const float wanted = gain->knob * gain->capture;
    const float floored = nam_max(wanted, from * GAIN_FALL_PER_STEP);

    gain->now = nam_min(floored, from * GAIN_RISE_PER_STEP);
    return step_scale(s, from, gain->now);
}

#endif
