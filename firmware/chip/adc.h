/*
 * ADC1 by itself: a list of channels, one after the other, again and again, into memory.
 *
 * A code is the mean of ADC_SAMPLES conversions of 16 bits. From revision V on a channel takes
 * 12.5 us, before it half of that; sixteen take a fifth of a millisecond.
 */
#ifndef ADC_H
#define ADC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADC_MOST_CHANNELS 16u
#define ADC_SAMPLES 4u

/*
 * Once the clocks run: calibrates, starts, and waits until there is a code of every channel. False
 * when it does not become ready.
 */
bool adc_start(const uint8_t *channels, size_t count);
/* The newest codes, in the order of the channels. */
void adc_read(uint16_t *codes, size_t count);

#endif
