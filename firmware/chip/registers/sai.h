/*
 * SAI1 to SAI3: RM0433, section 51.6.
 */
#ifndef SAI_REGISTERS_H
#define SAI_REGISTERS_H

#include "core/registers/register.h"

#define SAI_BLOCK_A 0u
#define SAI_BLOCK_B 1u
/* Of the one with a number, from 1. */
#define SAI_ADDRESS(number, block, offset) \
    (0x40015804u + 0x400u * ((number) - 1u) + 0x20u * (block) + (offset))
#define SAI(number, block, offset) REGISTER(SAI_ADDRESS(number, block, offset))

/* Offsets of a block's registers. */
#define SAI_CR1 0x00u
#define SAI_CR2 0x04u
#define SAI_FRCR 0x08u
#define SAI_SLOTR 0x0Cu
#define SAI_SR 0x14u
#define SAI_CLRFR 0x18u
#define SAI_DR 0x1Cu

#define SAI_CR1_RECEIVE BIT(0)
#define SAI_CR1_SLAVE BIT(1)
#define SAI_CR1_DS_24 FIELD(6u, 5)
#define SAI_CR1_DS_32 FIELD(7u, 5)
#define SAI_CR1_CKSTR BIT(9)
#define SAI_CR1_SYNC_INTERNAL BIT(10)
#define SAI_CR1_SAIEN BIT(16)
#define SAI_CR1_DMAEN BIT(17)
#define SAI_CR1_MCKDIV(divisor) FIELD(divisor, 20)
#define SAI_CR2_FFLUSH BIT(3)
/* Of a frame, and of its active frame synchronization. */
#define SAI_FRCR_FRL(bits) FIELD_COUNT(bits, 0)
#define SAI_FRCR_FSALL(bits) FIELD_COUNT(bits, 8)
#define SAI_FRCR_FSDEF_CHANNEL_SIDE BIT(16)
#define SAI_FRCR_FSPOL_HIGH BIT(17)
#define SAI_FRCR_FSOFF_BIT_BEFORE BIT(18)
#define SAI_SLOTR_SLOTSZ_32 FIELD(2u, 6)
#define SAI_SLOTR_NBSLOT(slots) FIELD_COUNT(slots, 8)
#define SAI_SLOTR_SLOTEN_ALL FIELD(0xFFFFu, 16)
#define SAI_SR_OVRUDR BIT(0)
#define SAI_SR_FLVL_MASK FIELD(7u, 16)
#define SAI_CLRFR_OVRUDR BIT(0)
#define SAI_CLRFR_ALL 0x77u /* bit 3 is no flag that can be cleared */

#endif
