/*
 * The voltage detector and the independent watchdog (RM0433, chapters 6 and 45).
 *
 * The brown-out level of the option bytes stays as it is: it would change the chip for good. The
 * detector does it here: below 2.7 V the pedal falls silent, and begins anew when the supply is back.
 */
#include "guard.h"

#include "board.h"
#include "fault.h"
#include "stm32h750.h"

#define WATCHDOG_TICKS_PER_SECOND 1000u /* 32 kHz / 32 */
#define WATCHDOG_SECONDS 1u

void supply_watch(void)
{
    PWR_CR1 = (PWR_CR1 & ~PWR_CR1_PLS_MASK) | PWR_CR1_PLS_2_7_V | PWR_CR1_PVDE;
    if (!board_wait(&PWR_CSR1, PWR_CSR1_PVDO, 0)) {
        board_stop(FAULT_SUPPLY);
    }
    /* The detector's output rises when the voltage falls. */
    EXTI_RTSR1 = EXTI_RTSR1 | EXTI_LINE_PVD;
    EXTI_CPUPR1 = EXTI_LINE_PVD;
    EXTI_CPUIMR1 = EXTI_CPUIMR1 | EXTI_LINE_PVD;
    NVIC_IPR(IRQ_PVD) = 0;
    NVIC_ISER(0) = BIT(IRQ_PVD);
}

__attribute__((noreturn)) void supply_wait_and_reset(void)
{
    while ((PWR_CSR1 & PWR_CSR1_PVDO) != 0u) {
        watchdog_feed();
    }
    board_reset();
}

/* Halting the processor with a debugger also halts the watchdog. */
void watchdog_start(void)
{
    DBGMCU_APB4FZ1 = DBGMCU_APB4FZ1 | DBGMCU_APB4FZ1_IWDG1;
    IWDG1_KR = IWDG_KR_START;
    IWDG1_KR = IWDG_KR_UNLOCK;
    IWDG1_PR = IWDG_PR_32;
    IWDG1_RLR = WATCHDOG_SECONDS * WATCHDOG_TICKS_PER_SECOND - 1u;
    /* The values cross over to the watchdog's clock; until then it runs with 0.5 s. */
    if (!board_wait(&IWDG1_SR, 7u, 0)) {
        board_stop(FAULT_CLOCK);
    }
    watchdog_feed();
}

void watchdog_feed(void)
{
    IWDG1_KR = IWDG_KR_FEED;
}
