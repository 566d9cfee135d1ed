/*
 * The bus of a codec that is set over I2C, by the pins `i2c_clock` and `i2c_data`.
 */
#ifndef CODEC_BUS_H
#define CODEC_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board_wiring.h"
#include "chip/i2c.h"

#define CODEC_BUS_ATTEMPTS 5

static inline void codec_bus_start(void)
{
    static const struct i2c_line clock = { .port = I2C_CLOCK_PORT, .number = I2C_CLOCK_PIN,
                                           .alternate = I2C_CLOCK_ALTERNATE };
    static const struct i2c_line data = { .port = I2C_DATA_PORT, .number = I2C_DATA_PIN,
                                          .alternate = I2C_DATA_ALTERNATE };

    i2c_start(&clock, &data);
}

/* Whether the codec has taken a message, sooner or later. */
static inline bool codec_bus_write(uint32_t address, const uint8_t *bytes, size_t count)
{
    for (int attempt = 0; attempt < CODEC_BUS_ATTEMPTS; attempt++) {
        if (i2c_write(address, bytes, count)) {
            return true;
        }
        codec_bus_start(); /* whatever went wrong, the bus begins anew */
    }
    return false;
}

#ifdef I2C_READS

/* Whether the codec has told what it was asked, sooner or later. */
static inline bool codec_bus_read(uint32_t address, const uint8_t *asked, size_t asked_count,
                                  uint8_t *found, size_t count)
{
    for (int attempt = 0; attempt < CODEC_BUS_ATTEMPTS; attempt++) {
        if (i2c_ask(address, asked, asked_count) && i2c_read(address, found, count)) {
            return true;
        }
        codec_bus_start();
    }
    return false;
}

#endif

#endif
