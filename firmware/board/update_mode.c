/*
 * Without opening the box: a pin of the board is wired to BOOT0.
 */
#include "update_mode.h"

#include "board/audio.h"
#include "board_wiring.h"
#include "chip/delay.h"
#include "chip/pins.h"
#include "core/processor.h"
#include "core/reset.h"

#define BOOT0_HOLD_MS 10u

/* A capacitor at BOOT0 holds the level through the reset. */
__attribute__((noreturn)) void board_update_mode(void)
{
    static const struct pin boot0 = { .port = BOOT0_PORT, .number = BOOT0_PIN, .mode = PIN_OUTPUT };

    interrupts_off();
    audio_silence();
    pin_init_output(&boot0, true);
    delay_polled_ms(BOOT0_HOLD_MS);
    processor_reset();
}
