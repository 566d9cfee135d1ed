/*
 * The first instructions, and the way back to them.
 */
#include "reset.h"

#include "core/processor.h"
#include "core/registers/scb.h"

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

__attribute__((noreturn)) void processor_reset(void)
{
    data_barrier();
    SCB_AIRCR = SCB_AIRCR_KEY | SCB_AIRCR_SYSRESETREQ;
    data_barrier();
    for (;;) {
    }
}
