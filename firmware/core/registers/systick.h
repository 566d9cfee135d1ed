/*
 * System timer: Armv7-M Architecture Reference Manual, section B3.3.
 */
#ifndef SYSTICK_H
#define SYSTICK_H

#include "core/registers/register.h"

#define SYST_CSR REGISTER(0xE000E010u)
#define SYST_RVR REGISTER(0xE000E014u)
#define SYST_CVR REGISTER(0xE000E018u)

#define SYST_CSR_ENABLE BIT(0)
#define SYST_CSR_TICKINT BIT(1)
#define SYST_CSR_CLKSOURCE_CPU BIT(2)
#define SYST_CSR_COUNTFLAG BIT(16)

#endif
