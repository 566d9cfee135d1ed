/*
 * The first instructions: registers are kept before anything changes them, in memory that the
 * start-up neither clears nor fills. Of the MPU a region is seen by its number; the register that
 * chooses it is put back.
 */
#include "entry.h"

#include "core/registers/mpu.h"
#include "core/registers/scb.h"

__attribute__((section(".entry_state"), used)) static uint32_t state[ENTRY_WORDS];

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

/*
 * r4: where the next word goes. Without an FPU that is on, FPSCR cannot be read; it is all ones.
 * Interrupts are off from the second word on: a bootloader's would find nothing that is its own.
 */
__attribute__((naked, noreturn)) void __wrap_reset_entry(void)
{
    __asm volatile(
        "mrs r0, primask\n"
        "cpsid i\n"
        "movw r4, #:lower16:%c0\n"
        "movt r4, #:upper16:%c0\n"
        "str r0, [r4], #4\n"
        "mrs r0, basepri\n"
        "str r0, [r4], #4\n"
        "mrs r0, faultmask\n"
        "str r0, [r4], #4\n"
        "mrs r0, control\n"
        "str r0, [r4], #4\n"
        "mrs r0, msp\n"
        "str r0, [r4], #4\n"
        "movw r5, #:lower16:entry_addresses\n"
        "movt r5, #:upper16:entry_addresses\n"
        "1: ldr r1, [r5], #4\n"
        "cbz r1, 2f\n"
        "ldr r0, [r1]\n"
        "str r0, [r4], #4\n"
        "b 1b\n"
        "2: movw r1, #0xED88\n" /* CPACR: whether the FPU is on */
        "movt r1, #0xE000\n"
        "ldr r0, [r1]\n"
        "mvn r2, #0\n"
        "tst r0, #0x00F00000\n"
        "beq 3f\n"
        "vmrs r2, fpscr\n"
        "3: str r2, [r4], #4\n"
        "movw r1, #0xED98\n" /* MPU_RNR; RBAR and RASR lie behind it */
        "movt r1, #0xE000\n"
        "ldr r3, [r1]\n"
        "mov r2, #0\n"
        "4: str r2, [r1]\n"
        "ldr r0, [r1, #4]\n"
        "str r0, [r4], #4\n"
        "ldr r0, [r1, #8]\n"
        "str r0, [r4], #4\n"
        "add r2, r2, #1\n"
        "cmp r2, #" TEXT(ENTRY_MPU_REGIONS) "\n"
        "bne 4b\n"
        "str r3, [r1]\n"
        "b __real_reset_entry\n"
        :
        : "i"(state));
}

const uint32_t *entry_state(void)
{
    return state;
}
