/*
 * What the processor and its surroundings were like when the image got hold of them.
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <stdint.h>

#include "selftest_plan.h"

/* In place of `reset_entry`, which comes next; the linker gives it that name. */
void __wrap_reset_entry(void);
/* Words, as the plan names them: special registers, then memory-mapped ones, then MPU regions. */
const uint32_t *entry_state(void);

#endif
