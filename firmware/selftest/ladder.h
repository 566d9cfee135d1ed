/*
 * The ladder: what is measured, rung by rung.
 */
#ifndef LADDER_H
#define LADDER_H

#include "selftest/rung.h"

struct ladder_span ladder_measure(uint32_t rung);
/* A block of the pedal as it is shipped, and of the second model alone. */
void ladder_sound_block(void);
void ladder_lite_block(void);

#endif
