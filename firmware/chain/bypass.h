/*
 * Between the guitar as it came and the pedal's sound: a crossfade of BYPASS_FADE_STEPS steps.
 *
 * All of the chain goes on while it is bypassed: what rings goes on ringing, unheard.
 */
#ifndef BYPASS_H
#define BYPASS_H

#include <stdbool.h>
#include <stddef.h>

/* The guitar alone, or the pedal. */
void bypass_set(bool bypassed);
/* Whether the guitar alone is heard, and nothing fades any more. */
bool bypass_is_complete(void);
void bypass_reset(void);
/* Before everything: remembers the guitar. At most CHAIN_BLOCK_FRAMES. */
void bypass_listen(const float *samples, size_t frames);
/* After everything. */
void bypass_process(float *samples, size_t frames);

#endif
