/*
 * Set over I2C, by the pins `i2c_clock` and `i2c_data`.
 */
#ifndef WM8731_H
#define WM8731_H

#include <stdbool.h>

bool wm8731_start(void);

#endif
