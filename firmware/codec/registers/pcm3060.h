/*
 * PCM3060: its mode control registers, 64 to 73 in the data sheet. Eight bits of address, eight of
 * value.
 */
#ifndef PCM3060_REGISTERS_H
#define PCM3060_REGISTERS_H

#include "core/registers/register.h"

#define PCM3060_ADDRESS 0x46u /* on the bus, with its address pin low */

/* After a reset: not in reset, and both converters asleep. */
#define PCM3060_SYSTEM 0x40u
#define PCM3060_DAC_CONTROL_1 0x43u
#define PCM3060_ADC_CONTROL_1 0x48u

/* 0: the registers to what a reset leaves; the converters to their clocks anew. */
#define PCM3060_SYSTEM_MRST BIT(7)
#define PCM3060_SYSTEM_SRST BIT(6)
/* Asleep: ADC, DAC. */
#define PCM3060_SYSTEM_ADPSV BIT(5)
#define PCM3060_SYSTEM_DAPSV BIT(4)
/* Of either: a slave; 24 bits, left justified. */
#define PCM3060_CONTROL_1_LEFT_JUSTIFIED FIELD(1u, 0)

#endif
