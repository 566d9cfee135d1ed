/*
 * The processor's timer runs from the processor's clock, whichever that is at the moment.
 */
#include "delay.h"

#include "chip/clock.h"
#include "chip/watchdog.h"
#include "core/processor.h"
#include "core/registers/scb.h"
#include "core/registers/systick.h"

/* Below everything else but PendSV; the upper four bits count. */
#define TICK_PRIORITY 0xE0u
#define POLL_US 100u
#define MS_PER_S 1000u
#define US_PER_S 1000000u

static volatile uint32_t milliseconds_since_start;

void tick_interrupt(void)
{
    milliseconds_since_start++;
}

void delay_ms(uint32_t milliseconds)
{
    const uint32_t began = milliseconds_since_start;
    /* The first tick may come at once: count one more. */
    while (milliseconds_since_start - began <= milliseconds) {
        wait_for_interrupt();
    }
}

static void tick_start(uint32_t control)
{
    SYST_CSR = 0;
    SYST_RVR = clock_cpu_hz() / MS_PER_S - 1u;
    SYST_CVR = 0;
    SYST_CSR = control;
}

void tick_init(void)
{
    const uint32_t others = SCB_SHPR3 & ~SCB_SHPR3_SYSTICK_MASK;
    SCB_SHPR3 = others | FIELD(TICK_PRIORITY, SCB_SHPR3_SYSTICK_SHIFT);
    tick_start(SYST_CSR_CLKSOURCE_CPU | SYST_CSR_TICKINT | SYST_CSR_ENABLE);
}

/* Between two looks at the counter the processor stays away from the bus. */
void delay_polled_ms(uint32_t milliseconds)
{
    tick_start(SYST_CSR_CLKSOURCE_CPU | SYST_CSR_ENABLE);
    /* The first count may come at once: count one more. */
    uint32_t passed = 0;
    while (passed <= milliseconds) {
        delay_us(POLL_US);
        if ((SYST_CSR & SYST_CSR_COUNTFLAG) != 0u) {
            passed++;
            watchdog_feed();
        }
    }
}

/* A pass of the loop takes one cycle or more. */
void delay_us(uint32_t microseconds)
{
    for (uint32_t passes = clock_cpu_hz() / US_PER_S * microseconds; passes > 0u; passes--) {
        __asm volatile("");
    }
}
