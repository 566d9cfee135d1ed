/*
 * The vector table; the board has it, and says who handles what.
 */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>

#include "chip/irq.h"

typedef void (*vector)(void);

struct vector_table {
    uint32_t *stack_top;
    vector handlers[15u + IRQ_COUNT];
};

extern const struct vector_table vectors;

#endif
