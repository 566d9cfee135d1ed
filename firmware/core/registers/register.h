/*
 * A register is a volatile word at an address.
 */
#ifndef REGISTER_H
#define REGISTER_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define REGISTER8(address) (*(volatile uint8_t *)(uintptr_t)(address))
#define BIT(n) (1u << (n))

#endif
