/*
 * How loud the pedal is: the player's knob, times what makes captures equally loud.
 */
#ifndef LEVEL_H
#define LEVEL_H

#include <stddef.h>

/* 0 is LEVEL_LOWEST_DB, 1 LEVEL_HIGHEST_DB, even in decibels. */
void level_set(float position);
/* Times this. */
void level_normalise(float gain);
void level_reset(void);
void level_process(float *samples, size_t frames);

#endif
