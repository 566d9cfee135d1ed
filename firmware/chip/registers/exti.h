/*
 * Extended interrupts: RM0433, section 20.6.
 */
#ifndef EXTI_H
#define EXTI_H

#include "core/registers/register.h"

#define EXTI_RTSR1 REGISTER(0x58000000u)
#define EXTI_CPUIMR1 REGISTER(0x58000080u)
#define EXTI_CPUPR1 REGISTER(0x58000088u)

#define EXTI_LINE_PVD BIT(16)

#endif
