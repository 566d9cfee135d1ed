/*
 * Stopping for good: silence first, then the record, then the lights. Nothing is taken for granted:
 * a fault may come before the first pin is set up and before ITCM is filled (so nothing here may
 * call into it), and in a handler no other interrupt can enter.
 */
#include "fault.h"

#include <stdbool.h>
#include <stddef.h>

#include "board/audio.h"
#include "board/led.h"
#include "chip/clock.h"
#include "chip/delay.h"
#include "chip/hooks.h"
#include "chip/irq.h"
#include "chip/registers/pwr.h"
#include "chip/registers/rcc.h"
#include "chip/supply.h"
#include "core/cache.h"
#include "core/hooks.h"
#include "core/processor.h"
#include "core/registers/scb.h"
#include "core/sections.h"
#ifdef PEDAL_HAS_PANEL
#include "panel/panel.h"
#endif

#define BLINK_ON_MS 150u
#define BLINK_OFF_MS 250u
#define BLINK_PAUSE_MS 1200u
#define FRAME_WORDS 8u
#define UNKNOWN 0xFFFFFFFFu
#define WORD_BITS 32u

static struct fault_record *record(void)
{
    return (struct fault_record *)(uintptr_t)FAULT_RECORD_ADDRESS;
}

static uint32_t rotated_left_by_one(uint32_t word)
{
    return (word << 1) | (word >> (WORD_BITS - 1u));
}

static uint32_t checksum_of(const volatile struct fault_record *stored)
{
    const volatile uint32_t *const words = (const volatile uint32_t *)stored;
    uint32_t sum = 0;

    for (size_t i = 0; i < offsetof(struct fault_record, checksum) / sizeof *words; i++) {
        sum = rotated_left_by_one(sum) + words[i];
    }
    return sum;
}

static uint32_t stops_before(void)
{
    const volatile struct fault_record *const stored = record();
    const bool is_valid =
        stored->magic == FAULT_RECORD_MAGIC && stored->checksum == checksum_of(stored);

    return is_valid ? stored->count : 0u;
}

/* The backup domain is closed to writes after a reset (RM0433, chapter 6). */
static void backup_open(void)
{
    PWR_CR1 = PWR_CR1 | PWR_CR1_DBP;
    RCC_AHB4ENR = RCC_AHB4ENR | RCC_AHB4ENR_BKPRAMEN;
    (void)RCC_AHB4ENR;
    data_barrier();
}

static bool is_readable_frame(const uint32_t *frame)
{
    const uint32_t address = address_of(frame);
    const bool was_written = (SCB_CFSR & (SCB_CFSR_MSTKERR | SCB_CFSR_STKERR)) == 0u;

    return was_written && address % sizeof *frame == 0u
        && address >= address_of(ld_stack_guard_end)
        && address <= address_of(ld_stack_top) - sizeof *frame * FRAME_WORDS;
}

static void record_frame(volatile struct fault_record *out, const uint32_t *frame)
{
    volatile uint32_t *const words = &out->r0;
    const bool is_readable = is_readable_frame(frame);

    out->sp = address_of(frame);
    for (size_t i = 0; i < FRAME_WORDS; i++) {
        words[i] = is_readable ? frame[i] : UNKNOWN;
    }
}

static void record_no_frame(volatile struct fault_record *out)
{
    volatile uint32_t *const words = &out->r0;

    out->sp = 0;
    for (size_t i = 0; i < FRAME_WORDS; i++) {
        words[i] = UNKNOWN;
    }
}

/* All but the frame, the place and the checksum. */
static void record_begin(volatile struct fault_record *out, enum fault_kind kind)
{
    out->count = stops_before() + 1u;
    out->magic = FAULT_RECORD_MAGIC;
    out->kind = (uint32_t)kind;
    out->exception = active_exception();
    out->cfsr = SCB_CFSR;
    out->hfsr = SCB_HFSR;
    out->mmfar = SCB_MMFAR;
    out->bfar = SCB_BFAR;
    out->exception_return = 0;
    out->blocks = audio_blocks();
}

static void record_end(volatile struct fault_record *out)
{
    out->checksum = checksum_of(out);
    data_barrier();
}

/* The guitar goes past, where a relay can let it; the panel's lamp does what the module's does. */
static void panel_stop(void)
{
#ifdef PEDAL_HAS_PANEL
    panel_safe();
#endif
}

static void show(bool lit)
{
    led_set(lit);
#ifdef PEDAL_HAS_PANEL
    panel_show_fault(lit);
#endif
}

/* Nothing more to hear, nothing more to run, and the record open. */
static void quiet(void)
{
    interrupts_off();
    RCC_AHB2ENR = RCC_AHB2ENR | RCC_AHB2ENR_D2_SRAMS;
    (void)RCC_AHB2ENR;
    audio_silence();
    panel_stop();
    dcache_disable(); /* a line that stays in it would not survive the reset */
    backup_open();
}

__attribute__((noreturn)) static void blink(enum fault_kind kind)
{
    led_init();
    for (;;) {
        for (unsigned count = 0; count < (unsigned)kind; count++) {
            show(true);
            delay_polled_ms(BLINK_ON_MS);
            show(false);
            delay_polled_ms(BLINK_OFF_MS);
        }
        delay_polled_ms(BLINK_PAUSE_MS);
    }
}

__attribute__((noreturn)) static void stop(enum fault_kind kind, uint32_t caller)
{
    volatile struct fault_record *const out = record();

    quiet();
    record_begin(out, kind);
    record_no_frame(out);
    out->pc = caller;
    record_end(out);
    blink(kind);
}

__attribute__((noreturn)) void fault_stop(enum fault_kind kind)
{
    stop(kind, (uint32_t)(uintptr_t)__builtin_return_address(0));
}

static enum fault_kind kind_of_failure(enum chip_failure failure)
{
    switch (failure) {
    case CHIP_CLOCK_NOT_READY:
        return FAULT_CLOCK;
    case CHIP_SUPPLY_LOW:
        return FAULT_SUPPLY;
    case CHIP_MAIN_RETURNED:
    default:
        return FAULT_INTERRUPT;
    }
}

__attribute__((noreturn)) void board_stop(enum chip_failure failure)
{
    const uint32_t caller = (uint32_t)(uintptr_t)__builtin_return_address(0);

    stop(kind_of_failure(failure), caller);
}

void fault_init(void)
{
    volatile struct fault_record *const out = record();

    backup_open();
    if ((RCC_RSR & RCC_RSR_IWDG1RSTF) != 0u) {
        record_begin(out, FAULT_WATCHDOG);
        record_no_frame(out);
        record_end(out);
    }
    RCC_RSR = RCC_RSR_RMVF;
}

/* A fault in a handler of the same priority arrives as a hard fault that was forced. */
static enum fault_kind cause_of_fault(void)
{
    const uint32_t status = SCB_CFSR;

    if ((status & SCB_CFSR_MEMORY) != 0u) {
        return FAULT_MEMORY;
    }
    if ((status & SCB_CFSR_BUS) != 0u) {
        return FAULT_BUS;
    }
    return (status & SCB_CFSR_USAGE) != 0u ? FAULT_USAGE : FAULT_HARD;
}

static enum fault_kind kind_of(uint32_t exception)
{
    switch (exception) {
    case EXCEPTION_NMI:
        return clock_has_failed() ? FAULT_CLOCK : FAULT_INTERRUPT;
    case EXCEPTION_HARD_FAULT:
        return (SCB_HFSR & SCB_HFSR_FORCED) != 0u ? cause_of_fault() : FAULT_HARD;
    case EXCEPTION_MEMORY_FAULT:
        return FAULT_MEMORY;
    case EXCEPTION_BUS_FAULT:
        return FAULT_BUS;
    case EXCEPTION_USAGE_FAULT:
        return FAULT_USAGE;
    case EXCEPTION_IRQ0 + IRQ_PVD:
        return FAULT_SUPPLY;
    default:
        return FAULT_INTERRUPT;
    }
}

__attribute__((noreturn)) void fault_main(const uint32_t *frame, uint32_t exception_return)
{
    volatile struct fault_record *const out = record();
    const enum fault_kind kind = kind_of(active_exception());

    quiet();
    record_begin(out, kind);
    record_frame(out, frame);
    out->exception_return = exception_return;
    record_end(out);
    if (kind == FAULT_SUPPLY) {
        supply_wait_and_reset();
    }
    blink(kind);
}
