/*
 * Slow against what a codec asks for, as the tick counts milliseconds.
 */
#include "codec_pin.h"

#include "board_wiring.h"
#include "chip/delay.h"
#include "chip/pins.h"

#define RESET_MS 1u

void codec_pin_output(bool high)
{
    const struct pin pin = { .port = CODEC_PORT, .number = CODEC_PIN, .mode = PIN_OUTPUT };

    pin_init(&pin);
    pin_write(CODEC_PORT, CODEC_PIN, high);
}

void codec_pin_reset(void)
{
    codec_pin_output(true);
    delay_ms(RESET_MS);
    pin_write(CODEC_PORT, CODEC_PIN, false);
    delay_ms(RESET_MS);
    pin_write(CODEC_PORT, CODEC_PIN, true);
}
