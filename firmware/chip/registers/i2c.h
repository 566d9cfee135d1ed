/*
 * I2C2: RM0433, section 47.7.
 */
#ifndef I2C_REGISTERS_H
#define I2C_REGISTERS_H

#include "core/registers/register.h"

#define I2C2_CR1 REGISTER(0x40005800u)
#define I2C2_CR2 REGISTER(0x40005804u)
#define I2C2_TIMINGR REGISTER(0x40005810u)
#define I2C2_ISR REGISTER(0x40005818u)
#define I2C2_ICR REGISTER(0x4000581Cu)
#define I2C2_TXDR REGISTER(0x40005828u)

#define I2C_CR1_PE BIT(0)
#define I2C_CR2_SADD_SHIFT 1u /* of an address of seven bits */
#define I2C_CR2_START BIT(13)
#define I2C_CR2_NBYTES_SHIFT 16u
#define I2C_CR2_AUTOEND BIT(25)
/* Counts of the prescaled clock; SDADEL, the delay of data, is 0. */
#define I2C_TIMINGR_PRESC(divisor) FIELD_COUNT(divisor, 28)
#define I2C_TIMINGR_SCLDEL(count) FIELD_COUNT(count, 20)
#define I2C_TIMINGR_SCLH(count) FIELD_COUNT(count, 8)
#define I2C_TIMINGR_SCLL(count) FIELD_COUNT(count, 0)
#define I2C_ISR_TXIS BIT(1)
#define I2C_ISR_NACKF BIT(4)
#define I2C_ISR_STOPF BIT(5)
#define I2C_ISR_BERR BIT(8)
#define I2C_ISR_ARLO BIT(9)

#endif
