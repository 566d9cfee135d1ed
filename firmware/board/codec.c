/*
 * The audio codecs of the Daisy Seed family. All are set by pins, but the WM8731: by I2C.
 */
#include "codec.h"

#include <stddef.h>
#include <stdint.h>

#include "board/fault.h"
#include "board_wiring.h"
#include "chip/clock.h"
#include "chip/delay.h"
#include "chip/i2c.h"
#include "chip/pins.h"

#define CODEC_RESET_MS 1u
#define TAC5242_POWER_UP_MS 2u
#define WM8731_ADDRESS 0x1Au
#define WM8731_SETTLE_MS 10u
#define WM8731_ATTEMPTS 5
#define WM8731_MESSAGE_BYTES 2u

static void codec_pin_output(bool high)
{
    const struct pin pin = { .port = CODEC_PORT, .number = CODEC_PIN, .mode = PIN_OUTPUT };

    pin_init(&pin);
    pin_write(CODEC_PORT, CODEC_PIN, high);
}

/* AK4556, and PCM3060 where its reset is wired: active low, with clean edges of at least 150 ns. */
static void reset_pin_init(void)
{
    codec_pin_output(true);
    delay_ms(CODEC_RESET_MS);
    pin_write(CODEC_PORT, CODEC_PIN, false);
    delay_ms(CODEC_RESET_MS);
    pin_write(CODEC_PORT, CODEC_PIN, true);
}

/* PCM3060 in hardware mode, where the pin is the de-emphasis filter: off. */
static void deemphasis_pin_init(void)
{
    codec_pin_output(false);
}

static void wm8731_bus_start(void)
{
    static const struct i2c_line clock = { .port = I2C_CLOCK_PORT, .number = I2C_CLOCK_PIN,
                                           .alternate = I2C_CLOCK_ALTERNATE };
    static const struct i2c_line data = { .port = I2C_DATA_PORT, .number = I2C_DATA_PIN,
                                          .alternate = I2C_DATA_ALTERNATE };
    /* Low 1.53 us and high 0.54 us of SCL, counted in clocks of APB1: 120 or 100 MHz. */
    const uint32_t timing_120_mhz = 0x30B00F2Du;
    const uint32_t timing_100_mhz = 0x20D01132u;

    i2c_start(&clock, &data, clock_cpu_hz() == 480000000u ? timing_120_mhz : timing_100_mhz);
}

static void wm8731_write(const uint8_t *bytes)
{
    for (int attempt = 0; attempt < WM8731_ATTEMPTS; attempt++) {
        if (i2c_write(WM8731_ADDRESS, bytes, WM8731_MESSAGE_BYTES)) {
            return;
        }
        wm8731_bus_start(); /* whatever went wrong, the bus begins anew */
    }
    fault_stop(FAULT_CODEC);
}

/* Seven bits of register address, nine bits of value. */
static void wm8731_init(void)
{
    static const uint8_t messages[][WM8731_MESSAGE_BYTES] = {
        { 0x1E, 0x00 }, /* reset */
        { 0x00, 0x17 }, /* left line in: 0 dB, not muted */
        { 0x02, 0x17 }, /* right line in: 0 dB, not muted */
        { 0x04, 0x00 }, /* left headphone: muted */
        { 0x06, 0x00 }, /* right headphone: muted */
        { 0x08, 0x12 }, /* analog path: DAC selected, microphone muted, line input */
        { 0x0A, 0x00 }, /* digital path: no mute, no de-emphasis, high-pass filter on */
        { 0x0C, 0x62 }, /* power: everything but crystal, clock output and microphone */
        { 0x0E, 0x09 }, /* format: 24 bits, left justified, slave */
        { 0x10, 0x00 }, /* rate: normal mode, 48 kHz from 256 clocks per frame */
        { 0x12, 0x00 }, /* inactive ... */
        { 0x12, 0x01 }, /* ... and active */
    };

    wm8731_bus_start();
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        wm8731_write(messages[i]);
        delay_ms(WM8731_SETTLE_MS);
    }
}

void codec_init(enum board_revision revision)
{
    switch (revision) {
    case BOARD_SEED_1_1:
        wm8731_init();
        break;
    case BOARD_SEED2_DFM:
        deemphasis_pin_init();
        break;
    case BOARD_SEED3:
        delay_ms(TAC5242_POWER_UP_MS); /* before its first clock; no reset, no I2C */
        break;
    case BOARD_SEED_REV4:
    case BOARD_SEED_1_2:
    default:
        reset_pin_init();
        break;
    }
}
