/*
 * A relay between guitar and effect clicks, so the output is muted around it: muted at once,
 * switched after CONTROLS_RELAY_TICKS, heard again after CONTROLS_UNMUTE_TICKS, in both directions.
 */
#ifndef RELAY_H
#define RELAY_H

#include <stdbool.h>
#include <stdint.h>

struct relay {
    bool effect; /* as the relay is switched */
    bool mute;
    uint32_t ticks; /* since the sequence began */
};

/* Begin the sequence, whatever is under way. */
void relay_begin(struct relay *relay);
/* `effect`: what is wanted. */
void relay_tick(struct relay *relay, bool effect);

#endif
