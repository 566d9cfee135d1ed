/*
 * What cannot be ramped, such as another capture, is changed in silence: CHANGEOVER_STEPS steps to
 * it, and as many back.
 */
#ifndef CHANGEOVER_H
#define CHANGEOVER_H

#include <stdbool.h>
#include <stddef.h>

/* To silence, or back, from wherever it is. */
void changeover_silence(bool wanted);
/* Whether nothing is heard any more. */
bool changeover_is_silent(void);
/* At once where it goes to. */
void changeover_reset(void);
void changeover_process(float *samples, size_t frames);

#endif
