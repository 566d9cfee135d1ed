/*
 * Hooks: what the core calls and does not have. Whoever builds a chip and a board on it, defines
 * them.
 */
#ifndef CORE_HOOKS_H
#define CORE_HOOKS_H

#include <stdint.h>

/* Where `reset_entry` goes on: on the main stack, interrupts masked. */
__attribute__((noreturn)) void start(void);
/* Where `fault_entry` goes on: on a stack that holds. `frame`: where the exception's lies. */
__attribute__((noreturn)) void fault_main(const uint32_t *frame, uint32_t exception_return);

#endif
