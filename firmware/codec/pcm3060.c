/*
 * PCM3060 in hardware mode.
 */
#include "pcm3060.h"

#include "codec/codec_pin.h"

bool pcm3060_reset_start(void)
{
    codec_pin_reset();
    return true;
}

/* The filter off. */
bool pcm3060_deemphasis_start(void)
{
    codec_pin_output(false);
    return true;
}
