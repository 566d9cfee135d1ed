/*
 * The audio codecs of the Daisy Seed family. All are set by pins, but the WM8731: by I2C.
 */
#include <stddef.h>

#include "board.h"
#include "fault.h"
#include "stm32h750.h"

#define CODEC_PIN_PORT 'B'
#define CODEC_PIN 11u
#define I2C_CLOCK_PORT 'H'
#define I2C_CLOCK_PIN 4u
#define I2C_DATA_PORT 'B'
#define I2C_DATA_PIN 11u
#define I2C_HALF_BIT_US 5u
#define I2C_WAIT_READS 100000u /* some 10 ms; a byte takes 0.1 ms */
#define I2C_RECOVERY_CLOCKS 9
#define TAC5242_POWER_UP_MS 2u
#define WM8731_ADDRESS 0x1Au
#define WM8731_SETTLE_MS 10u
#define I2C_ATTEMPTS 5
#define I2C_MESSAGE_BYTES 2u

static void codec_pin_output(bool high)
{
    const struct pin pin = { .port = CODEC_PIN_PORT, .number = CODEC_PIN, .mode = PIN_OUTPUT };

    board_pin(&pin);
    board_pin_write(CODEC_PIN_PORT, CODEC_PIN, high);
}

/* AK4556, and PCM3060 where its reset is wired: active low, with clean edges of at least 150 ns. */
static void reset_pin_init(void)
{
    codec_pin_output(true);
    board_delay_ms(1);
    board_pin_write(CODEC_PIN_PORT, CODEC_PIN, false);
    board_delay_ms(1);
    board_pin_write(CODEC_PIN_PORT, CODEC_PIN, true);
}

/* PCM3060 in hardware mode, where the pin is the de-emphasis filter: off. */
static void deemphasis_pin_init(void)
{
    codec_pin_output(false);
}

static void i2c_pins(enum pin_mode mode)
{
    const struct pin clock = { .port = I2C_CLOCK_PORT, .number = I2C_CLOCK_PIN, .mode = mode,
                               .alternate = 4, .drive = PIN_OPEN_DRAIN };
    const struct pin data = { .port = I2C_DATA_PORT, .number = I2C_DATA_PIN, .mode = mode,
                              .alternate = 4, .drive = PIN_OPEN_DRAIN };

    board_pin(&clock);
    board_pin(&data);
}

static void i2c_line(char port, unsigned number, bool high)
{
    board_pin_write(port, number, high);
    board_delay_us(I2C_HALF_BIT_US);
}

/*
 * A codec that was interrupted within a byte, by a reset of the processor alone, waits for the rest
 * of it: nine clocks bring it to the end, and a stop makes it listen again.
 */
static void i2c_free_bus(void)
{
    board_pin_write(I2C_CLOCK_PORT, I2C_CLOCK_PIN, true);
    board_pin_write(I2C_DATA_PORT, I2C_DATA_PIN, true);
    i2c_pins(PIN_OUTPUT);
    board_delay_us(I2C_HALF_BIT_US);
    for (int clock = 0; clock < I2C_RECOVERY_CLOCKS; clock++) {
        i2c_line(I2C_CLOCK_PORT, I2C_CLOCK_PIN, false);
        i2c_line(I2C_CLOCK_PORT, I2C_CLOCK_PIN, true);
    }
    i2c_line(I2C_CLOCK_PORT, I2C_CLOCK_PIN, false);
    i2c_line(I2C_DATA_PORT, I2C_DATA_PIN, false);
    i2c_line(I2C_CLOCK_PORT, I2C_CLOCK_PIN, true);
    i2c_line(I2C_DATA_PORT, I2C_DATA_PIN, true);
}

static void i2c_start(void)
{
    /* Low 1.53 us and high 0.54 us of SCL, counted in clocks of APB1: 120 or 100 MHz. */
    const uint32_t timing_120_mhz = 0x30B00F2Du;
    const uint32_t timing_100_mhz = 0x20D01132u;

    RCC_AHB4ENR = RCC_AHB4ENR | BIT(I2C_CLOCK_PORT - 'A') | BIT(I2C_DATA_PORT - 'A');
    (void)RCC_AHB4ENR;
    i2c_free_bus();
    i2c_pins(PIN_ALTERNATE);
    RCC_APB1LENR = RCC_APB1LENR | BIT(22);
    (void)RCC_APB1LENR;
    I2C2_CR1 = 0;
    I2C2_TIMINGR = clock_cpu_hz() == 480000000u ? timing_120_mhz : timing_100_mhz;
    I2C2_CR1 = 1;
}

/* Those of `flags` that came; 0 when none did in time. */
static uint32_t i2c_wait(uint32_t flags)
{
    uint32_t found = 0;

    for (uint32_t reads = 0; found == 0u && reads < I2C_WAIT_READS; reads++) {
        found = I2C2_ISR & flags;
    }
    return found;
}

static bool i2c_write(uint32_t address, const uint8_t *bytes)
{
    const uint32_t failures = I2C_ISR_NACKF | I2C_ISR_BERR | I2C_ISR_ARLO;
    bool taken = true;

    I2C2_ICR = failures | I2C_ISR_STOPF;
    I2C2_CR2 = (address << 1) | (I2C_MESSAGE_BYTES << I2C_CR2_NBYTES_SHIFT) | I2C_CR2_AUTOEND
        | I2C_CR2_START;
    for (size_t i = 0; i < I2C_MESSAGE_BYTES && taken; i++) {
        taken = i2c_wait(I2C_ISR_TXIS | failures) == I2C_ISR_TXIS;
        if (taken) {
            I2C2_TXDR = bytes[i];
        }
    }
    /* The stop also comes after a refused byte. */
    const bool stopped = i2c_wait(I2C_ISR_STOPF | I2C_ISR_BERR | I2C_ISR_ARLO) == I2C_ISR_STOPF;
    const bool refused = (I2C2_ISR & failures) != 0u;
    return taken && stopped && !refused;
}

static void wm8731_write(const uint8_t *bytes)
{
    for (int attempt = 0; attempt < I2C_ATTEMPTS; attempt++) {
        if (i2c_write(WM8731_ADDRESS, bytes)) {
            return;
        }
        i2c_start(); /* whatever went wrong, the bus begins anew */
    }
    board_stop(FAULT_CODEC);
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
        deemphasis_pin_init();
        break;
    case BOARD_SEED3:
        board_delay_ms(TAC5242_POWER_UP_MS); /* before its first clock; no reset, no I2C */
        break;
    case BOARD_SEED_REV4:
    case BOARD_SEED_1_2:
    default:
        reset_pin_init();
        break;
    }
}
