/*
 * The vector table: the audio, the tick, and everything else is a fault.
 */
#include "chip/hooks.h"

#include "board/audio.h"
#include "chip/delay.h"
#include "core/fault_entry.h"
#include "core/reset.h"
#include "core/sections.h"

/* An interrupt nobody asked for is a defect, and is shown like one; so is a low supply, at 1. */
#define TWO(handler) handler, handler
#define TEN(handler) \
    TWO(handler), TWO(handler), TWO(handler), TWO(handler), TWO(handler)

__attribute__((section(".vectors"), used)) const struct vector_table vectors = {
    ld_stack_top,
    {
        reset_entry,
        /* 2-6: NMI, hard, memory, bus and usage fault. */
        TWO(fault_entry), TWO(fault_entry), fault_entry,
        /* 7-14: reserved, SVCall, debug monitor, PendSV. */
        TWO(fault_entry), TWO(fault_entry),
        TWO(fault_entry), TWO(fault_entry),
        tick_interrupt,
        /* Interrupts 0-10, then the two of audio at 11 and 12, then 13-149. */
        TEN(fault_entry), fault_entry,
        audio_interrupt_a, audio_interrupt_b,
        TWO(fault_entry), TWO(fault_entry), TWO(fault_entry), fault_entry,
        TEN(fault_entry), TEN(fault_entry), TEN(fault_entry),
        TEN(fault_entry), TEN(fault_entry), TEN(fault_entry),
        TEN(fault_entry), TEN(fault_entry), TEN(fault_entry),
        TEN(fault_entry), TEN(fault_entry), TEN(fault_entry),
        TEN(fault_entry),
    },
};
