/*
 * The noise gate: it listens to the guitar before the model and turns down the sound behind it, so
 * that the model hears everything and its hiss is silenced.
 *
 * Once per step of eight frames it knows the input's power, over a half-life of 10 ms. Below the
 * threshold the sound is reduced by 0.1 * (level - threshold)^2 dB: deeper the quieter it is. It
 * opens within 5 ms, holds for 10 ms, closes within 50 ms.
 */
#ifndef GATE_H
#define GATE_H

#include <stddef.h>

/* The threshold: 0 is GATE_LOWEST_DB, 1 GATE_HIGHEST_DB, even in decibels. */
void gate_set(float position);
void gate_reset(void);
/* Before the model: decides on the gains of this block, at most CHAIN_BLOCK_FRAMES. */
void gate_listen(const float *samples, size_t frames);
/* Behind the model: the same block. */
void gate_process(float *samples, size_t frames);

#endif
