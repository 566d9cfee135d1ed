/*
 * Time: milliseconds of the processor's timer, and passes of a loop.
 */
#ifndef DELAY_H
#define DELAY_H

#include <stdint.h>

/* The timer ticks every millisecond from now on. */
void tick_init(void);
void tick_interrupt(void);
void delay_ms(uint32_t milliseconds);
/* For where no interrupt can enter; takes the tick away for good. */
void delay_polled_ms(uint32_t milliseconds);
/* At least that long. */
void delay_us(uint32_t microseconds);

#endif
