/*
 * Where code and data go; sections.ld has the places.
 */
#ifndef SECTIONS_H
#define SECTIONS_H

#include <stdint.h>

/* Code the processor runs from its zero-wait instruction memory. */
#define ITCM_CODE __attribute__((section(".itcm_text"), noinline))
/* Memory the DMA shares with the processor; the MPU keeps it out of the data cache. */
#define DMA_MEMORY __attribute__((section(".dma_bss"), aligned(32)))

/* Given by the linker script; only their addresses mean something. */

/* The stack; what lies below the guard's end is closed, so that an overflow is noticed. */
extern uint32_t ld_stack_bottom[], ld_stack_guard_end[], ld_stack_top[];
/* What the image carries, and where it belongs. */
extern uint32_t ld_itcm_text_load[], ld_itcm_text_start[], ld_itcm_text_end[];
extern uint32_t ld_dtcm_data_load[], ld_dtcm_data_start[], ld_dtcm_data_end[];
extern uint32_t ld_axi_data_load[], ld_axi_data_start[], ld_axi_data_end[];
/* What begins as zeros. */
extern uint32_t ld_dtcm_bss_start[], ld_dtcm_bss_end[];
extern uint32_t ld_axi_bss_start[], ld_axi_bss_end[];
extern uint32_t ld_dma_bss_start[], ld_dma_bss_end[];

static inline uint32_t address_of(const uint32_t *symbol)
{
    return (uint32_t)(uintptr_t)symbol;
}

#endif
