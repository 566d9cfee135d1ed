/*
 * Interrupts by their numbers: RM0433, chapter on the NVIC.
 */
#ifndef IRQ_H
#define IRQ_H

#define IRQ_COUNT 150u
#define IRQ_WORDS 5u
#define IRQ_PVD 1u
#define IRQ_DMA1_STREAM0 11u

#endif
