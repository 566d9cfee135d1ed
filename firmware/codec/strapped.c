/*
 * Converters without control.
 */
#include "strapped.h"

#include "codec/codec_mute.h"

bool strapped_start(void)
{
    codec_mute();
    return true;
}
