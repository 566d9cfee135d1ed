/*
 * Every change is followed by both barriers: what comes after it must see it.
 */
#include "cache.h"

#include <stdint.h>

#include "core/processor.h"
#include "core/registers/cache.h"
#include "core/registers/scb.h"

/* The registers are stores of their own, so that no data moves between selecting and using. */
static void dcache_each_line(volatile uint32_t *operation)
{
    SCB_CSSELR = SCB_CSSELR_L1_DATA;
    data_barrier();
    const uint32_t size = SCB_CCSIDR;
    const uint32_t last_set = (size >> SCB_CCSIDR_SETS_SHIFT) & SCB_CCSIDR_SETS_MASK;
    const uint32_t last_way = (size >> SCB_CCSIDR_WAYS_SHIFT) & SCB_CCSIDR_WAYS_MASK;
    for (uint32_t set = 0; set <= last_set; set++) {
        for (uint32_t way = 0; way <= last_way; way++) {
            *operation = (way << SCB_DC_WAY_SHIFT) | (set << SCB_DC_SET_SHIFT);
        }
    }
    data_barrier();
}

void dcache_disable(void)
{
    SCB_CCR = SCB_CCR & ~SCB_CCR_DC;
    data_barrier();
    instruction_barrier();
}

void caches_stop(void)
{
    /* A bootloader's cache may hold the only copy of what it wrote. */
    if ((SCB_CCR & SCB_CCR_DC) != 0u) {
        dcache_disable();
        dcache_each_line(&SCB_DCCISW);
    }
    SCB_CCR = SCB_CCR & ~SCB_CCR_IC;
    data_barrier();
    instruction_barrier();
    SCB_ICIALLU = 0;
    data_barrier();
    instruction_barrier();
}

void caches_start(void)
{
    SCB_ICIALLU = 0;
    data_barrier();
    instruction_barrier();
    SCB_CCR = SCB_CCR | SCB_CCR_IC;
    data_barrier();
    instruction_barrier();
    dcache_each_line(&SCB_DCISW);
    SCB_CCR = SCB_CCR | SCB_CCR_DC;
    data_barrier();
    instruction_barrier();
}
