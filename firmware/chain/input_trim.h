/*
 * How strong the guitar is when it meets the model: the player's knob, times the calibration of the
 * board's full scale to the level at which the capture was made.
 */
#ifndef INPUT_TRIM_H
#define INPUT_TRIM_H

#include <stddef.h>

/* 0 is INPUT_TRIM_LOWEST_DB, 1 INPUT_TRIM_HIGHEST_DB, even in decibels. */
void input_trim_set(float position);
/* Times this. */
void input_trim_calibrate(float gain);
void input_trim_reset(void);
void input_trim_process(float *samples, size_t frames);

#endif
