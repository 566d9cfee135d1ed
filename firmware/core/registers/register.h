/*
 * A register is a volatile word at an address.
 */
#ifndef REGISTER_H
#define REGISTER_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define REGISTER8(address) (*(volatile uint8_t *)(uintptr_t)(address))
#define FIELD(value, shift) ((uint32_t)(value) << (shift))
/* A count that is kept less one. */
#define FIELD_COUNT(count, shift) (((uint32_t)(count) - 1u) << (shift))
#define BIT(n) FIELD(1u, n)

#endif
