/*
 * The one pin of a codec that is set by pins.
 */
#ifndef CODEC_PIN_H
#define CODEC_PIN_H

#include <stdbool.h>

void codec_pin_output(bool high);
/* Active low, with clean edges of at least 150 ns. */
void codec_pin_reset(void);

#endif
