/*
 * Interrupts by their numbers: RM0433, section 19.1.2.
 */
#ifndef IRQ_H
#define IRQ_H

#define IRQ_COUNT 150u
#define IRQ_WORDS ((IRQ_COUNT + 31u) / 32u) /* of the NVIC's registers, a bit each */
#define IRQ_PVD 1u
#define IRQ_DMA1_STREAM0 11u

#endif
