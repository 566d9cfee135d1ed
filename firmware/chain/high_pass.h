/*
 * Takes a constant out of the sound: first order, HIGH_PASS_CUTOFF_HZ.
 *
 * y = x - s;  s = keep * s + (1 - keep) * x, which is one multiply-add per frame on the way from
 * one s to the next.
 */
#ifndef HIGH_PASS_H
#define HIGH_PASS_H

#include <stddef.h>

void high_pass_reset(void);
void high_pass_process(float *samples, size_t frames);

#endif
