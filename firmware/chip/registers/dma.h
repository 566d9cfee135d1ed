/*
 * DMA1 (RM0433, section 15.5) and its request multiplexer (section 17.6).
 */
#ifndef DMA_REGISTERS_H
#define DMA_REGISTERS_H

#include "core/registers/register.h"

#define DMA1_LISR REGISTER(0x40020000u)
#define DMA1_LIFCR REGISTER(0x40020008u)
#define DMA1_STREAM(stream, offset) REGISTER(0x40020010u + 0x18u * (stream) + (offset))
#define DMAMUX1_CCR(channel) REGISTER(0x40020800u + 4u * (channel))

/* Offsets of a stream's registers. */
#define DMA_CR 0x00u
#define DMA_NDTR 0x04u
#define DMA_PAR 0x08u
#define DMA_M0AR 0x0Cu
#define DMA_FCR 0x14u

#define DMA_CR_EN BIT(0)
#define DMA_CR_DMEIE BIT(1)
#define DMA_CR_TEIE BIT(2)
#define DMA_CR_HTIE BIT(3)
#define DMA_CR_TCIE BIT(4)
#define DMA_CR_TO_PERIPHERAL BIT(6)
#define DMA_CR_CIRC BIT(8)
#define DMA_CR_MINC BIT(10)
#define DMA_CR_PSIZE_32 FIELD(2u, 11)
#define DMA_CR_MSIZE_32 FIELD(2u, 13)
#define DMA_CR_PL_HIGH FIELD(2u, 16)
/* Without DMDIS: no FIFO. FS, which can only be read, says empty. */
#define DMA_FCR_DIRECT_MODE FIELD(4u, 3)

/* Where the flags of a stream, 0 to 3, are in LISR and LIFCR: at 0, 6, 16 and 22. */
#define DMA_FLAG_SHIFT(stream) (6u * (stream) + 4u * ((stream) / 2u))
#define DMA_FLAG_FIFO_ERROR BIT(0)
#define DMA_FLAG_DIRECT_ERROR BIT(2)
#define DMA_FLAG_ERROR BIT(3)
#define DMA_FLAG_HALF BIT(4)
#define DMA_FLAG_COMPLETE BIT(5)
#define DMA_FLAGS_ALL \
    (DMA_FLAG_FIFO_ERROR | DMA_FLAG_DIRECT_ERROR | DMA_FLAG_ERROR | DMA_FLAG_HALF \
     | DMA_FLAG_COMPLETE)

#define DMAMUX1_ADC1 9u
/* Of SAI1 to SAI3. */
#define DMAMUX1_SAI_A(number) ((number) == 3u ? 113u : 85u + 2u * (number))
#define DMAMUX1_SAI_B(number) (DMAMUX1_SAI_A(number) + 1u)

#endif
