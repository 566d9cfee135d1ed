/*
 * Single instructions: barriers, interrupt mask, sleep, and what the processor is doing.
 */
#ifndef PROCESSOR_H
#define PROCESSOR_H

#include <stdint.h>

/* Numbers of exceptions as IPSR has them; interrupt n is 16 + n. */
#define EXCEPTION_NMI 2u
#define EXCEPTION_HARD_FAULT 3u
#define EXCEPTION_MEMORY_FAULT 4u
#define EXCEPTION_BUS_FAULT 5u
#define EXCEPTION_USAGE_FAULT 6u
#define EXCEPTION_IRQ0 16u

static inline void data_barrier(void)
{
    __asm volatile("dsb 0xF" ::: "memory");
}

static inline void instruction_barrier(void)
{
    __asm volatile("isb 0xF" ::: "memory");
}

static inline void wait_for_interrupt(void)
{
    __asm volatile("wfi" ::: "memory");
}

static inline uint32_t active_exception(void)
{
    uint32_t number;
    __asm volatile("mrs %0, ipsr" : "=r"(number));
    return number;
}

static inline void fpscr_clear(void)
{
    __asm volatile("vmsr fpscr, %0" : : "r"(0) : "memory");
}

static inline void interrupts_off(void)
{
    __asm volatile("cpsid i" ::: "memory");
}

static inline void interrupts_on(void)
{
    __asm volatile("cpsie i" ::: "memory");
}

#endif
