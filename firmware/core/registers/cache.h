/*
 * Caches: identification and maintenance, Armv7-M Architecture Reference Manual, chapter B2 (the
 * operations) and part B4 (CCSIDR, CSSELR).
 */
#ifndef CACHE_REGISTERS_H
#define CACHE_REGISTERS_H

#include "core/registers/register.h"

#define SCB_CCSIDR REGISTER(0xE000ED80u)
#define SCB_CSSELR REGISTER(0xE000ED84u)
#define SCB_ICIALLU REGISTER(0xE000EF50u)
#define SCB_DCISW REGISTER(0xE000EF60u)
#define SCB_DCCISW REGISTER(0xE000EF74u)

#define SCB_CSSELR_L1_DATA 0u
#define SCB_CCSIDR_WAYS_SHIFT 3u /* the number of ways, less one */
#define SCB_CCSIDR_WAYS_MASK 0x3FFu
#define SCB_CCSIDR_SETS_SHIFT 13u /* the number of sets, less one */
#define SCB_CCSIDR_SETS_MASK 0x7FFFu
/* Of an operation by set and way: 4 ways, lines of 32 bytes. */
#define SCB_DC_WAY_SHIFT 30u
#define SCB_DC_SET_SHIFT 5u

#endif
