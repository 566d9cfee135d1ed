/*
 * From reset to main: the vector table, a quiet machine, and memory as C expects it.
 *
 * The image may be started by the reset or by a bootloader that leaves clocks, caches, interrupts
 * and DMA running, so nothing is taken for granted.
 */
#include <stddef.h>

#include "board.h"
#include "fault.h"
#include "handover.h"
#include "stm32h750.h"

/* Given by the linker script; only their addresses mean something. */
extern uint32_t ld_stack_top[];
extern uint32_t ld_itcm_text_load[], ld_itcm_text_start[], ld_itcm_text_end[];
extern uint32_t ld_dtcm_data_load[], ld_dtcm_data_start[], ld_dtcm_data_end[];
extern uint32_t ld_axi_data_load[], ld_axi_data_start[], ld_axi_data_end[];
extern uint32_t ld_dtcm_bss_start[], ld_dtcm_bss_end[];
extern uint32_t ld_axi_bss_start[], ld_axi_bss_end[];
extern uint32_t ld_dma_bss_start[], ld_dma_bss_end[];

int main(void);
void reset_entry(void);
void start(void);

typedef void (*vector)(void);

struct vector_table {
    uint32_t *stack_top;
    vector handlers[15 + IRQ_COUNT];
};

/* An interrupt nobody asked for is a defect, and is shown like one; so is a low supply, at 1. */
#define TWO(handler) handler, handler
#define TEN(handler) \
    TWO(handler), TWO(handler), TWO(handler), TWO(handler), TWO(handler)

__attribute__((section(".vectors"), used)) const struct vector_table vectors = {
    ld_stack_top,
    {
        reset_entry,
        /* 2-6: NMI, hard, memory, bus and usage fault. */
        TWO(board_fault_entry), TWO(board_fault_entry), board_fault_entry,
        /* 7-14: reserved, SVCall, debug monitor, PendSV. */
        TWO(board_fault_entry), TWO(board_fault_entry),
        TWO(board_fault_entry), TWO(board_fault_entry),
        board_tick,
        /* Interrupts 0-10, then the two of audio at 11 and 12, then 13-149. */
        TEN(board_fault_entry), board_fault_entry,
        audio_interrupt_a, audio_interrupt_b,
        TWO(board_fault_entry), TWO(board_fault_entry), TWO(board_fault_entry), board_fault_entry,
        TEN(board_fault_entry), TEN(board_fault_entry), TEN(board_fault_entry),
        TEN(board_fault_entry), TEN(board_fault_entry), TEN(board_fault_entry),
        TEN(board_fault_entry), TEN(board_fault_entry), TEN(board_fault_entry),
        TEN(board_fault_entry), TEN(board_fault_entry), TEN(board_fault_entry),
        TEN(board_fault_entry),
    },
};

/* Flash may be erased or its clock changed while the pedal runs: the table is used from here. */
__attribute__((section(".dtcm_vectors"), aligned(1024))) static struct vector_table vectors_in_ram;

/* A bootloader calls with its own stack, perhaps even the process stack, and its own masks. */
__attribute__((naked, noreturn)) void reset_entry(void)
{
    __asm volatile(
        "cpsid i\n"
        "movs r0, #0\n"
        "msr control, r0\n"
        "msr basepri, r0\n"
        "msr faultmask, r0\n"
        "isb\n"
        "movw r0, #:lower16:ld_stack_top\n"
        "movt r0, #:upper16:ld_stack_top\n"
        "msr msp, r0\n"
        "b start\n");
}

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

    fault_init();
    board_init();
    clear_words(ld_dma_bss_start, ld_dma_bss_end);
    data_barrier();
    interrupts_on();
    (void)main();
    board_stop(FAULT_INTERRUPT);
}
