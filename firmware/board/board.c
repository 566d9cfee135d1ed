/*
 * What is set up before the first interrupt.
 */
#include "chip/hooks.h"

#include "board/fault.h"
#include "board/led.h"
#include "board_wiring.h"
#include "chip/clock.h"
#include "chip/delay.h"
#include "chip/memory.h"
#include "chip/pins.h"
#include "chip/supply.h"

/* Not used, it must not be woken by pins that float: clock and its enable low, chip select high. */
static void sdram_park(void)
{
#ifdef SDRAM_CKE_PIN
    static const struct pin sdram_cke = { .port = SDRAM_CKE_PORT,
                                          .number = SDRAM_CKE_PIN, .mode = PIN_OUTPUT };
    static const struct pin sdram_ne = { .port = SDRAM_NE_PORT,
                                         .number = SDRAM_NE_PIN, .mode = PIN_OUTPUT };
    static const struct pin sdram_clk = { .port = SDRAM_CLK_PORT,
                                          .number = SDRAM_CLK_PIN, .mode = PIN_OUTPUT };

    pin_init_output(&sdram_cke, false);
    pin_init_output(&sdram_clk, false);
    pin_init_output(&sdram_ne, true);
#endif
}

/* Nor must the flash, unless the image is in it. */
static void qspi_flash_park(void)
{
#if defined(QSPI_NCS_PIN) && !defined(BOOT_QSPI)
    const struct pin qspi_ncs = {
        .port = QSPI_NCS_PORT, .number = QSPI_NCS_PIN, .pull = PIN_PULL_UP,
    };
    pin_init(&qspi_ncs);
#endif
}

void board_init(void)
{
    fault_init();
    led_init();
    sdram_park();
    qspi_flash_park();
    supply_watch();
    clock_init();
    memory_init();
    tick_init();
}
