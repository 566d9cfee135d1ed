/*
 * The pin `codec_mute` of a codec: silent while it is low.
 */
#ifndef CODEC_MUTE_H
#define CODEC_MUTE_H

#include "board_wiring.h"

#ifdef CODEC_MUTE_PIN

#include "chip/delay.h"
#include "chip/pins.h"

static inline void codec_mute(void)
{
    static const struct pin mute = { .port = CODEC_MUTE_PORT, .number = CODEC_MUTE_PIN,
                                     .mode = PIN_OUTPUT };

    pin_init_output(&mute, false);
}

/* Once it has its clocks: when it has found into them. Audio runs meanwhile. */
static inline void codec_unmute(void)
{
    delay_ms(CODEC_UNMUTE_MS);
    pin_write(CODEC_MUTE_PORT, CODEC_MUTE_PIN, true);
}

#else

static inline void codec_mute(void)
{
}

static inline void codec_unmute(void)
{
}

#endif

#endif
