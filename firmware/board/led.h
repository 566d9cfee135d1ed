/*
 * The LED on the module.
 */
#ifndef LED_H
#define LED_H

#include <stdbool.h>

#include "board_wiring.h"
#include "chip/pins.h"

void led_init(void);

/* Inline: the audio interrupt needs it in ITCM, a fault before ITCM is filled needs it, too. */
static inline void led_set(bool on)
{
    pin_write(LED_PORT, LED_PIN, on);
}

#endif
