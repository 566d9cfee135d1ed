/*
 * An I2C as a master: the one that codecs of the board hang on. It reads where I2C_READS says so.
 */
#ifndef I2C_H
#define I2C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chip/pins.h"

/* A line of the bus: its pin, and the alternate function by which it is the I2C's. */
struct i2c_line {
    char port;
    unsigned number;
    unsigned alternate;
};

/* Whatever state the bus is in, it is free afterwards; it runs at some 400 kHz. */
void i2c_start(const struct i2c_line *clock, const struct i2c_line *data);
/* Whether everybody has taken everything; `address` has seven bits. */
bool i2c_write(uint32_t address, const uint8_t *bytes, size_t count);
/* A write without an end: `i2c_read` comes next. */
bool i2c_ask(uint32_t address, const uint8_t *bytes, size_t count);
/* Whether all was told. */
bool i2c_read(uint32_t address, uint8_t *bytes, size_t count);

#endif
