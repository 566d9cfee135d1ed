/*
 * How many cycles a call takes, by the counter in the processor's trace unit.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>

#include "selftest/rung.h"

/* The counter counts from now on. */
void measure_init(void);
uint32_t measure_now(void);
/* From before the call to after it: the same few cycles more for every function. */
uint32_t measure_call(const struct measure_call *call);

#endif
