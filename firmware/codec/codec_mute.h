/*
 * What keeps a codec silent until it has found into its clocks: the pin `codec_mute`, silent while
 * it is low, or messages of a table.
 */
#ifndef CODEC_MUTE_H
#define CODEC_MUTE_H

#include <stdbool.h>

#include "board_wiring.h"
#include "codec/table.h"

#ifdef CODEC_MUTE_PIN

#include "chip/delay.h"
#include "chip/pins.h"

static inline void codec_mute(void)
{
    static const struct pin mute = { .port = CODEC_MUTE_PORT, .number = CODEC_MUTE_PIN,
                                     .mode = PIN_OUTPUT };

    pin_init_output(&mute, false);
}

/* Once it has its clocks: when it has found into them. Audio runs meanwhile. False: no answer. */
static inline bool codec_unmute(void)
{
    delay_ms(CODEC_UNMUTE_MS);
    pin_write(CODEC_MUTE_PORT, CODEC_MUTE_PIN, true);
    return true;
}

#else

static inline void codec_mute(void)
{
}

static inline bool codec_unmute(void)
{
#ifdef CODEC_IS_TABLE
    return table_unmute();
#else
    return true;
#endif
}

#endif

#endif
