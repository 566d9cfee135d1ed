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
    float wanted;  /* both */
    float now;     /* of the last frame */
};

#define GAIN_OF_ONE { 1.0f, 1.0f, 1.0f, 1.0f }

NAM_INLINE void gain_set_knob(struct gain *gain, float knob)
{
    gain->knob = knob;
    gain->wanted = knob * gain->capture;
}

NAM_INLINE void gain_set_capture(struct gain *gain, float capture)
{
    gain->capture = capture;
    gain->wanted = gain->knob * capture;
}

NAM_INLINE void gain_reset(struct gain *gain)
{
    gain->now = gain->wanted;
}

/* One step further towards what is wanted, by a factor of at most GAIN_RISE_PER_STEP. */
NAM_INLINE struct step gain_apply(struct gain *gain, struct step s)
{
    const float from = gain->now;
    const float floored = nam_max(gain->wanted, from * GAIN_FALL_PER_STEP);

    gain->now = nam_min(floored, from * GAIN_RISE_PER_STEP);
    return step_scale(s, from, gain->now);
}

#endif
