/*
 * The clocks of processor, buses and audio.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

void clock_init(void);
uint32_t clock_cpu_hz(void);
/* Of the bus that QUADSPI is on, and of that of I2C1 to I2C3; once `clock_init` is done. */
uint32_t clock_ahb_hz(void);
uint32_t clock_apb1_hz(void);
/* Whether the crystal has stopped; the processor then runs from the internal oscillator. */
bool clock_has_failed(void);

#endif
