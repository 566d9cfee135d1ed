/*
 * Between libDaisy's audio callback and the sound: a block of samples, and once in a tick the
 * controls. It knows no class of libDaisy's and is compiled for the host under test.
 */
#ifndef PEDAL_H
#define PEDAL_H

#include <stdbool.h>
#include <stddef.h>

/* Frames from the start to full volume: 42.7 ms. */
#define PEDAL_FADE_FRAMES 2048u

/*
 * Everything to its start state, whatever was in memory; then what knobs, switches and toggles say.
 * Whether a footswitch for the update mode is held.
 */
bool pedal_start(void);

/*
 * Any number of frames; the model's output y is faded in: frame n since the start is
 * y * (n / 2048), one multiplication of float32, for n below 2048. Both outputs are the same.
 */
void pedal_process(const float *in, float *left, float *right, size_t frames);

/* At the end of every block; `late`: it took longer than a block lasts. */
void pedal_control(size_t frames, bool late);

/* Whether footswitches have asked for the update mode. */
bool pedal_wants_update(void);

#endif
