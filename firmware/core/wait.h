/*
 * Waiting for a register, but not forever.
 */
#ifndef WAIT_H
#define WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* False when the bits do not take the value in the time any healthy part needs. */
bool wait_for(const volatile uint32_t *reg, uint32_t mask, uint32_t value);

#endif
