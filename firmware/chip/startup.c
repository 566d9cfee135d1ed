/*
 * The image may be started by the reset or by a bootloader that leaves clocks, caches, interrupts
 * and DMA running, so nothing is taken for granted.
 */
#include "core/hooks.h"

#include <stddef.h>

#include "chip/handover.h"
#include "chip/hooks.h"
#include "chip/memory.h"
#include "chip/registers/rcc.h"
#include "core/processor.h"
#include "core/registers/scb.h"
#include "core/sections.h"

#define VECTORS_ALIGNMENT 1024 /* bytes: a power of two, not less than the table has */

/* Flash may be erased or its clock changed while the pedal runs: the table is used from here. */
__attribute__((section(".dtcm_vectors"), aligned(VECTORS_ALIGNMENT)))
static struct vector_table vectors_in_ram;

static void copy_words(uint32_t *to, const uint32_t *end, const uint32_t *from)
{
    /* An image that already runs in RAM has some sections where they belong. */
    if (to == from) {
        return;
    }
    while (to < end) {
        *(volatile uint32_t *)to++ = *from++;
    }
}

static void clear_words(uint32_t *to, const uint32_t *end)
{
    while (to < end) {
        *(volatile uint32_t *)to++ = 0;
    }
}

static void vectors_move(void)
{
    const uint32_t *const from = (const uint32_t *)(const void *)&vectors;
    uint32_t *const to = (uint32_t *)(void *)&vectors_in_ram;

    copy_words(to, to + sizeof vectors / sizeof *to, from);
    data_barrier();
    SCB_VTOR = (uint32_t)(uintptr_t)to;
    data_barrier();
    instruction_barrier();
}

__attribute__((noreturn)) void start(void)
{
    memory_settle();
    vectors_move();
    handover_core();
    handover_peripherals();

    /* The RAM of the D2 domain, where the DMA buffers are, is off after reset. */
    RCC_AHB2ENR = RCC_AHB2ENR | RCC_AHB2ENR_D2_SRAMS;
    (void)RCC_AHB2ENR;

    copy_words(ld_itcm_text_start, ld_itcm_text_end, ld_itcm_text_load);
    copy_words(ld_dtcm_data_start, ld_dtcm_data_end, ld_dtcm_data_load);
    copy_words(ld_axi_data_start, ld_axi_data_end, ld_axi_data_load);
    clear_words(ld_dtcm_bss_start, ld_dtcm_bss_end);
    clear_words(ld_axi_bss_start, ld_axi_bss_end);
    data_barrier();
    instruction_barrier();

    board_init();
    clear_words(ld_dma_bss_start, ld_dma_bss_end);
    data_barrier();
    interrupts_on();
    (void)main();
    board_stop(CHIP_MAIN_RETURNED);
}
