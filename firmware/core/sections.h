/*
 * Where code and data go; sections.ld has the places.
 */
#ifndef SECTIONS_H
#define SECTIONS_H

/* Code the processor runs from its zero-wait instruction memory. */
#define ITCM_CODE __attribute__((section(".itcm_text"), noinline))
/* Memory the DMA shares with the processor; the MPU keeps it out of the data cache. */
#define DMA_MEMORY __attribute__((section(".dma_bss"), aligned(32)))

#endif
