/*
 * Quad-SPI interface: RM0433, section 24.5.
 */
#ifndef QSPI_REGISTERS_H
#define QSPI_REGISTERS_H

#include "core/registers/register.h"

#define QUADSPI_CR REGISTER(0x52005000u)
#define QUADSPI_DCR REGISTER(0x52005004u)
#define QUADSPI_SR REGISTER(0x52005008u)
#define QUADSPI_FCR REGISTER(0x5200500Cu)
#define QUADSPI_DLR REGISTER(0x52005010u)
#define QUADSPI_CCR REGISTER(0x52005014u)
#define QUADSPI_AR REGISTER(0x52005018u)
#define QUADSPI_DR REGISTER(0x52005020u)

#define QUADSPI_CR_EN BIT(0)
#define QUADSPI_CR_PRESCALER(divisor) FIELD_COUNT(divisor, 24)
#define QUADSPI_DCR_CSHT(clocks) FIELD_COUNT(clocks, 8)
#define QUADSPI_DCR_FSIZE(address_bits) FIELD_COUNT(address_bits, 16)
#define QUADSPI_SR_BUSY BIT(5)
#define QUADSPI_DLR_DL(bytes) FIELD_COUNT(bytes, 0)
/* What goes over one line, and over four. */
#define QUADSPI_CCR_COMMAND(byte) (FIELD(byte, 0) | FIELD(1u, 8))
#define QUADSPI_CCR_ADDRESS_24 (FIELD(1u, 10) | FIELD(2u, 12))
#define QUADSPI_CCR_ADDRESS_32_BY_FOUR (FIELD(3u, 10) | FIELD(3u, 12))
#define QUADSPI_CCR_DATA FIELD(1u, 24)
#define QUADSPI_CCR_READ FIELD(1u, 26)

#endif
