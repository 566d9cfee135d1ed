/*
 * The three audio codecs of the Daisy Seed family. Two are set by pins; the WM8731 by I2C.
 */
#include <stddef.h>

#include "board.h"
#include "stm32h750.h"

#define CODEC_PIN_PORT 'B'
#define CODEC_PIN 11u
#define WM8731_ADDRESS 0x1Au
#define WM8731_SETTLE_MS 10u
#define I2C_ATTEMPTS 3
#define I2C_MESSAGE_BYTES 2u

static void codec_pin_output(bool high)
{
    const struct pin pin = { .port = CODEC_PIN_PORT, .number = CODEC_PIN, .mode = PIN_OUTPUT };

    board_pin(&pin);
    board_pin_write(CODEC_PIN_PORT, CODEC_PIN, high);
}

/* Reset is active low and wants clean edges of at least 150 ns. */
static void ak4556_init(void)
{
    codec_pin_output(true);
    board_delay_ms(1);
    board_pin_write(CODEC_PIN_PORT, CODEC_PIN, false);
    board_delay_ms(1);
    board_pin_write(CODEC_PIN_PORT, CODEC_PIN, true);
}

/* In hardware mode the pin is the de-emphasis filter: off. */
static void pcm3060_init(void)
{
    codec_pin_output(false);
}

static void i2c_start(void)
{
    const struct pin clock = { .port = 'H', .number = 4, .mode = PIN_ALTERNATE,
                               .alternate = 4, .drive = PIN_OPEN_DRAIN };
    const struct pin data = { .port = 'B', .number = 11, .mode = PIN_ALTERNATE,
                              .alternate = 4, .drive = PIN_OPEN_DRAIN };
    /* Low 1.53 us and high 0.54 us of SCL, counted in clocks of APB1: 120 or 100 MHz. */
    const uint32_t timing_120_mhz = 0x30B00F2Du;
    const uint32_t timing_100_mhz = 0x20D01132u;

    board_pin(&clock);
    board_pin(&data);
    RCC_APB1LENR = RCC_APB1LENR | BIT(22);
    (void)RCC_APB1LENR;
    I2C2_CR1 = 0;
    I2C2_TIMINGR = clock_cpu_hz() == 480000000u ? timing_120_mhz : timing_100_mhz;
    I2C2_CR1 = 1;
}

static bool i2c_write(uint32_t address, const uint8_t *bytes)
{
    bool taken = true;

    I2C2_ICR = I2C_ISR_NACKF | I2C_ISR_STOPF;
    I2C2_CR2 = (address << 1) | (I2C_MESSAGE_BYTES << I2C_CR2_NBYTES_SHIFT) | I2C_CR2_AUTOEND
        | I2C_CR2_START;
    for (size_t i = 0; i < I2C_MESSAGE_BYTES && taken; i++) {
        taken = board_wait(&I2C2_ISR, I2C_ISR_TXIS, I2C_ISR_TXIS);
        if (taken) {
            I2C2_TXDR = bytes[i];
        }
    }
    /* The stop also comes after a refused byte. */
    const bool stopped = board_wait(&I2C2_ISR, I2C_ISR_STOPF, I2C_ISR_STOPF);
    const bool refused = (I2C2_ISR & I2C_ISR_NACKF) != 0u;
    I2C2_ICR = I2C_ISR_NACKF | I2C_ISR_STOPF;
    return taken && stopped && !refused;
}

static void wm8731_write(const uint8_t *bytes)
{
    for (int attempt = 0; attempt < I2C_ATTEMPTS; attempt++) {
        if (i2c_write(WM8731_ADDRESS, bytes)) {
            return;
        }
    }
    board_stop(BOARD_FAULT_CODEC);
}

/* Seven bits of register address, nine bits of value. */
static void wm8731_init(void)
{
    static const uint8_t messages[][I2C_MESSAGE_BYTES] = {
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

    i2c_start();
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        wm8731_write(messages[i]);
        board_delay_ms(WM8731_SETTLE_MS);
    }
}

void codec_init(enum board_revision revision)
{
    switch (revision) {
    case BOARD_SEED_1_1:
        wm8731_init();
        break;
    case BOARD_SEED2_DFM:
        pcm3060_init();
        break;
    case BOARD_SEED_REV4:
    default:
        ak4556_init();
        break;
    }
}
