/*
 * The ladder: what is measured, rung by rung.
 */
#ifndef LADDER_H
#define LADDER_H

#include "selftest/rung.h"

struct ladder_span ladder_measure(uint32_t rung);
/* A block of the pedal as it is shipped, and of another model alone. */
void ladder_sound_block(void);
void ladder_model_block(uint32_t model);

#endif
