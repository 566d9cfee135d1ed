/*
 * AK4556: parallel control, so all it needs is its reset.
 */
#include "ak4556.h"

#include "codec/codec_pin.h"

bool ak4556_start(void)
{
    codec_pin_reset();
    return true;
}
