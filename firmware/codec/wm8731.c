/*
 * WM8731: set over I2C, one register after another. All that is not named stays as the reset leaves
 * it.
 */
#include "wm8731.h"

#include <stddef.h>
#include <stdint.h>

#include "chip/delay.h"
#include "codec/codec_bus.h"
#include "codec/registers/wm8731.h"

#define SETTLE_MS 10u
#define MESSAGE_BYTES 2u
#define VALUE_BITS 9u
#define BYTE_BITS 8u

struct setting {
    uint16_t address;
    uint16_t value;
};

static const struct setting settings[] = {
    { WM8731_RESET, 0u },
    { WM8731_LEFT_LINE_IN, WM8731_LINE_IN_0_DB },
    { WM8731_RIGHT_LINE_IN, WM8731_LINE_IN_0_DB },
    { WM8731_LEFT_HEADPHONE_OUT, WM8731_HEADPHONE_MUTE },
    { WM8731_RIGHT_HEADPHONE_OUT, WM8731_HEADPHONE_MUTE },
    /* The line input, as INSEL is 0. */
    { WM8731_ANALOG_PATH, WM8731_ANALOG_PATH_DACSEL | WM8731_ANALOG_PATH_MUTEMIC },
    /* No mute, no de-emphasis, high-pass filter on. */
    { WM8731_DIGITAL_PATH, 0u },
    { WM8731_POWER_DOWN,
      WM8731_POWER_DOWN_MICPD | WM8731_POWER_DOWN_OSCPD | WM8731_POWER_DOWN_CLKOUTPD },
    /* A slave, as MS is 0. */
    { WM8731_INTERFACE_FORMAT, WM8731_FORMAT_IWL_24 | WM8731_FORMAT_LEFT_JUSTIFIED },
    /* Normal mode, 48 kHz from 256 clocks per frame. */
    { WM8731_SAMPLING, 0u },
    { WM8731_ACTIVE, 0u },
    { WM8731_ACTIVE, WM8731_ACTIVE_ACTIVE },
};

static bool is_taken(const struct setting *setting)
{
    const uint32_t message = FIELD(setting->address, VALUE_BITS) | setting->value;
    const uint8_t bytes[MESSAGE_BYTES] = { (uint8_t)(message >> BYTE_BITS), (uint8_t)message };

    return codec_bus_write(WM8731_ADDRESS, bytes, MESSAGE_BYTES);
}

bool wm8731_start(void)
{
    codec_bus_start();
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (!is_taken(&settings[i])) {
            return false;
        }
        delay_ms(SETTLE_MS);
    }
    return true;
}
