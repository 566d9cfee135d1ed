/*
 * From reset to main: the vector table, a quiet machine, and memory as C expects it.
 *
 * The image may be started by the reset or by a bootloader that leaves clocks, caches, interrupts
 * and DMA running, so nothing is taken for granted.
 */
#include "board.h"
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

/* An interrupt nobody asked for is a defect, and is shown like one. */
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

/* A bootloader calls with its own stack, perhaps even the process stack. */
__attribute__((naked, noreturn)) void reset_entry(void)
{
    __asm volatile(
        "cpsid i\n"
        "movs r0, #0\n"
        "msr control, r0\n"
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

static void interrupts_forget(void)
{
    SYST_CSR = 0;
    for (uint32_t word = 0; word < IRQ_WORDS; word++) {
        NVIC_ICER(word) = 0xFFFFFFFFu;
        NVIC_ICPR(word) = 0xFFFFFFFFu;
    }
    SCB_ICSR = SCB_ICSR_PENDSTCLR | SCB_ICSR_PENDSVCLR;
}

/* Stop what a bootloader may have left running; memory and pins it needs stay as they are. */
static void peripherals_reset(void)
{
    const uint32_t dma_adc_usb = BIT(0) | BIT(1) | BIT(5) | BIT(25) | BIT(27);
    const uint32_t i2c = BIT(21) | BIT(22) | BIT(23);
    const uint32_t sai1 = BIT(22);

    RCC_AHB1RSTR = dma_adc_usb;
    RCC_APB1LRSTR = i2c;
    RCC_APB2RSTR = sai1;
    (void)RCC_APB2RSTR;
    RCC_AHB1RSTR = 0;
    RCC_APB1LRSTR = 0;
    RCC_APB2RSTR = 0;
    (void)RCC_APB2RSTR;
}

__attribute__((noreturn)) void start(void)
{
    interrupts_forget();
    SCB_CPACR = SCB_CPACR | SCB_CPACR_FPU_FULL;
    SCB_VTOR = (uint32_t)(uintptr_t)&vectors;
    data_barrier();
    instruction_barrier();
    peripherals_reset();

    /* The RAM of the D2 domain, where the DMA buffers are, is off after reset. */
    RCC_AHB2ENR = RCC_AHB2ENR | (7u << 29);
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
    board_stop(BOARD_FAULT_CPU);
}
