/*
 * PCM3060 set over I2C, by the pins `i2c_clock` and `i2c_data`; its reset need not be wired.
 */
#ifndef PCM3060_I2C_H
#define PCM3060_I2C_H

#include <stdbool.h>

bool pcm3060_i2c_start(void);

#endif
