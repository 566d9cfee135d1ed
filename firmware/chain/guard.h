/*
 * What no sound can be: a capture may answer with NaN or with a number that no filter survives.
 */
#ifndef GUARD_H
#define GUARD_H

#include <stddef.h>

/* After the model: within +-GUARD_MODEL_LIMIT; NaN becomes 0. */
void guard_model(float *samples, size_t frames);
/* Before the codec: within full scale; NaN, which no codec brings in, becomes -1. */
void guard_output(float *samples, size_t frames);

#endif
