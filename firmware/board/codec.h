/*
 * The audio codec.
 */
#ifndef CODEC_H
#define CODEC_H

#include "board/revision.h"
#include "board_wiring.h"
#include "codec/codec_mute.h"

/* Ready to be given a clock; the tick runs. */
void codec_init(enum board_revision revision);

/* Heard, as soon as it has found into its clocks. Audio runs meanwhile. */
#ifdef CODEC_IS_TABLE
void codec_release(void);
#else
static inline void codec_release(void)
{
    codec_unmute();
}
#endif

#endif
