/*
 * In hardware mode, set by its pins.
 */
#ifndef PCM3060_H
#define PCM3060_H

#include <stdbool.h>

/* The pin `codec` is its reset. */
bool pcm3060_reset_start(void);
/* The pin `codec` is its de-emphasis filter. */
bool pcm3060_deemphasis_start(void);

#endif
