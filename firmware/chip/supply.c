/*
 * The voltage detector (RM0433, chapter 6).
 *
 * The brown-out level of the option bytes stays as it is: it would change the chip for good. The
 * detector does it here: below 2.7 V the pedal falls silent, and begins anew when the supply is
 * back.
 */
#include "supply.h"

#include "chip/hooks.h"
#include "chip/irq.h"
#include "chip/registers/exti.h"
#include "chip/registers/pwr.h"
#include "chip/watchdog.h"
#include "core/registers/nvic.h"
#include "core/reset.h"
#include "core/wait.h"

void supply_watch(void)
{
    PWR_CR1 = (PWR_CR1 & ~PWR_CR1_PLS_MASK) | PWR_CR1_PLS_2_7_V | PWR_CR1_PVDE;
    if (!wait_for(&PWR_CSR1, PWR_CSR1_PVDO, 0)) {
        board_stop(CHIP_SUPPLY_LOW);
    }
    /* The detector's output rises when the voltage falls. */
    EXTI_RTSR1 = EXTI_RTSR1 | EXTI_LINE_PVD;
    EXTI_CPUPR1 = EXTI_LINE_PVD;
    EXTI_CPUIMR1 = EXTI_CPUIMR1 | EXTI_LINE_PVD;
    NVIC_IPR(IRQ_PVD) = 0;
    NVIC_ISER(0u) = BIT(IRQ_PVD);
}

__attribute__((noreturn)) void supply_wait_and_reset(void)
{
    while ((PWR_CSR1 & PWR_CSR1_PVDO) != 0u) {
        watchdog_feed();
    }
    processor_reset();
}
