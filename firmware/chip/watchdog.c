/*
 * The independent watchdog (RM0433, chapter 45).
 */
#include "watchdog.h"

#include "chip/hooks.h"
#include "chip/registers/iwdg.h"
#include "chip/registers/system.h"
#include "core/wait.h"

#define PRESCALER 32u
#define TICKS_PER_SECOND (IWDG_CLOCK_HZ / PRESCALER)
#define WATCHDOG_SECONDS 1u

/* Halting the processor with a debugger also halts the watchdog. */
void watchdog_start(void)
{
    DBGMCU_APB4FZ1 = DBGMCU_APB4FZ1 | DBGMCU_APB4FZ1_IWDG1;
    IWDG1_KR = IWDG_KR_START;
    IWDG1_KR = IWDG_KR_UNLOCK;
    IWDG1_PR = IWDG_PR_32;
    IWDG1_RLR = WATCHDOG_SECONDS * TICKS_PER_SECOND - 1u;
    /* The values cross over to the watchdog's clock; until then it runs with 0.5 s. */
    if (!wait_for(&IWDG1_SR, IWDG_SR_UPDATING, 0)) {
        board_stop(CHIP_CLOCK_NOT_READY);
    }
    watchdog_feed();
}

void watchdog_feed(void)
{
    IWDG1_KR = IWDG_KR_FEED;
}
