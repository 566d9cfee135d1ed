/*
 * Power control: RM0433, section 6.8.
 */
#ifndef PWR_H
#define PWR_H

#include "core/registers/register.h"

#define PWR_CR1 REGISTER(0x58024800u)
#define PWR_CSR1 REGISTER(0x58024804u)
#define PWR_CR3 REGISTER(0x5802480Cu)
#define PWR_D3CR REGISTER(0x58024818u)

#define PWR_CR1_PVDE BIT(4)
#define PWR_CR1_PLS_MASK FIELD(7u, 5)
#define PWR_CR1_PLS_2_7_V FIELD(5u, 5)
#define PWR_CR1_DBP BIT(8)
#define PWR_CSR1_PVDO BIT(4)
#define PWR_CSR1_ACTVOSRDY BIT(13)
#define PWR_CR3_SUPPLY_MASK 7u
#define PWR_CR3_LDOEN BIT(1)
#define PWR_D3CR_VOSRDY BIT(13)
#define PWR_D3CR_VOS1 FIELD(3u, 14)

#endif
