/*
 * The LED on the module, where it has one.
 */
#ifndef LED_H
#define LED_H

#include <stdbool.h>

#include "board_wiring.h"
#include "chip/pins.h"

#ifdef LED_PIN

void led_init(void);

/* Inline: the audio interrupt needs it in ITCM, a fault before ITCM is filled needs it, too. */
static inline void led_set(bool on)
{
    pin_write(LED_PORT, LED_PIN, on);
}

#else

static inline void led_init(void)
{
}

static inline void led_set(bool on)
{
    (void)on;
}

#endif

#endif
