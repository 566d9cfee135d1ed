#include "measure.h"

#include "core/processor.h"
#include "core/registers/dwt.h"
#include "core/sections.h"

void measure_init(void)
{
    DEMCR = DEMCR | DEMCR_TRCENA;
    DWT_LAR = DWT_LAR_KEY;
    DWT_CYCCNT = 0;
    DWT_CTRL = DWT_CTRL | DWT_CTRL_CYCCNTENA;
    data_barrier();
    instruction_barrier();
}

uint32_t measure_now(void)
{
    return DWT_CYCCNT;
}

/*
 * All registers that a function has to keep are kept here as well, so that nothing but the call
 * lies between the two looks at the counter, whose address is in r10.
 */
__attribute__((naked)) ITCM_CODE uint32_t measure_call(const struct measure_call *call)
{
    __asm volatile(
        "push {r4-r11, lr}\n"
        "vpush {s16-s31}\n"
        "sub sp, sp, #20\n"
        "mov r12, r0\n"
        "ldr r9, [r12]\n"
        "ldr r0, [r12, #20]\n"
        "str r0, [sp]\n"
        "ldr r0, [r12, #24]\n"
        "str r0, [sp, #4]\n"
        "ldr r0, [r12, #28]\n"
        "str r0, [sp, #8]\n"
        "ldr r0, [r12, #32]\n"
        "str r0, [sp, #12]\n"
        "movw r10, #0x1004\n"
        "movt r10, #0xE000\n"
        "ldr r0, [r12, #4]\n"
        "ldr r1, [r12, #8]\n"
        "ldr r2, [r12, #12]\n"
        "ldr r3, [r12, #16]\n"
        "dsb 0xF\n"
        "isb 0xF\n"
        ".balign 8\n"
        "ldr.w r11, [r10]\n"
        "blx r9\n"
        "ldr.w r0, [r10]\n"
        "sub r0, r0, r11\n"
        "add sp, sp, #20\n"
        "vpop {s16-s31}\n"
        "pop {r4-r11, pc}\n");
}
