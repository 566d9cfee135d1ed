/*
 * I2C1 to I2C3: RM0433, section 47.7.
 */
#ifndef I2C_REGISTERS_H
#define I2C_REGISTERS_H

#include "core/registers/register.h"

/* Of the one with a number, from 1. */
#define I2C(number, offset) REGISTER(0x40005400u + 0x400u * ((number) - 1u) + (offset))

#define I2C_CR1 0x00u
#define I2C_CR2 0x04u
#define I2C_TIMINGR 0x10u
#define I2C_ISR 0x18u
#define I2C_ICR 0x1Cu
#define I2C_RXDR 0x24u
#define I2C_TXDR 0x28u

#define I2C_CR1_PE BIT(0)
#define I2C_CR2_SADD_SHIFT 1u /* of an address of seven bits */
#define I2C_CR2_RD_WRN BIT(10)
#define I2C_CR2_START BIT(13)
#define I2C_CR2_NBYTES_SHIFT 16u
#define I2C_CR2_AUTOEND BIT(25)
/* Counts of the prescaled clock; SDADEL, the delay of data, is 0. */
#define I2C_TIMINGR_PRESC(divisor) FIELD_COUNT(divisor, 28)
#define I2C_TIMINGR_SCLDEL(count) FIELD_COUNT(count, 20)
#define I2C_TIMINGR_SCLH(count) FIELD_COUNT(count, 8)
#define I2C_TIMINGR_SCLL(count) FIELD_COUNT(count, 0)
#define I2C_ISR_TXIS BIT(1)
#define I2C_ISR_RXNE BIT(2)
#define I2C_ISR_NACKF BIT(4)
#define I2C_ISR_STOPF BIT(5)
#define I2C_ISR_TC BIT(6)
#define I2C_ISR_BERR BIT(8)
#define I2C_ISR_ARLO BIT(9)

#endif
