/*
 * Cycle counter: Armv7-M Architecture Reference Manual, sections C1.6.5 (DEMCR) and C1.8. LAR is
 * the lock that CoreSight parts have.
 */
#ifndef DWT_H
#define DWT_H

#include "core/registers/register.h"

#define DEMCR REGISTER(0xE000EDFCu)
#define DWT_CTRL REGISTER(0xE0001000u)
#define DWT_CYCCNT REGISTER(0xE0001004u)
#define DWT_LAR REGISTER(0xE0001FB0u)

#define DEMCR_TRCENA BIT(24)
#define DWT_CTRL_CYCCNTENA BIT(0)
#define DWT_LAR_KEY 0xC5ACCE55u

#endif
