/*
 * In instruction memory: the clock of all other memories may be what is waited for.
 */
#include "wait.h"

#include "core/sections.h"

/* 8 ms or more at 480 MHz, 60 ms or more at the 64 MHz of the internal oscillator. */
#define WAIT_READS 4000000u

ITCM_CODE bool wait_for(const volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
    for (uint32_t reads = 0; reads < WAIT_READS; reads++) {
        if ((*reg & mask) == value) {
            return true;
        }
    }
    return false;
}
