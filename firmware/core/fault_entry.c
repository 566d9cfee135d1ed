/*
 * From an exception to C, whatever the stack pointer was.
 */
#include "fault_entry.h"

/* What `fault_main` and all it calls take of the stack, at most. */
#define FAULT_STACK_BYTES "512"

/*
 * The frame is on the stack that bit 2 of the return code names. The handler goes on below it,
 * unless the stack may be what broke: with too little left, or outside of it, it starts anew.
 */
__attribute__((naked)) void fault_entry(void)
{
    __asm volatile(
        "cpsid i\n"
        "mov r1, lr\n"
        "mrs r3, msp\n"
        "mov r0, r3\n"
        "tst r1, #4\n"
        "it ne\n"
        "mrsne r0, psp\n"
        "movw r2, #:lower16:ld_stack_guard_end\n"
        "movt r2, #:upper16:ld_stack_guard_end\n"
        "add r2, r2, #" FAULT_STACK_BYTES "\n"
        "cmp r3, r2\n"
        "movw r2, #:lower16:ld_stack_top\n"
        "movt r2, #:upper16:ld_stack_top\n"
        "it lo\n"
        "movlo r3, r2\n"
        "cmp r3, r2\n"
        "it hi\n"
        "movhi r3, r2\n"
        "msr msp, r3\n"
        "b fault_main\n");
}
