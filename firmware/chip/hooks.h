/*
 * Hooks: what the chip uses and does not have. Whoever builds a board and a pedal on it, defines
 * them.
 */
#ifndef CHIP_HOOKS_H
#define CHIP_HOOKS_H

#include <stdint.h>

#include "chip/irq.h"
#include "core/processor.h"

/* What the chip cannot go on with. */
enum chip_failure {
    CHIP_CLOCK_NOT_READY, /* a clock, or the voltage it needs */
    CHIP_SUPPLY_LOW,
    CHIP_MAIN_RETURNED
};

typedef void (*vector)(void);

/* As the processor reads it: the first stack pointer, then a handler for exception 1 and on. */
struct vector_table {
    uint32_t *stack_top;
    vector handlers[EXCEPTION_IRQ0 - 1u + IRQ_COUNT];
};

extern const struct vector_table vectors;

/* What `start` calls, in this order: the board's, before any interrupt comes, and the pedal's. */
void board_init(void);
int main(void);
/* For good: the board knows what to show it with. */
__attribute__((noreturn)) void board_stop(enum chip_failure failure);

#endif
