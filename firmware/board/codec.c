/*
 * Each revision's codec, by the board's description.
 */
#include "codec.h"

#include "board/fault.h"
#include "board_wiring.h"
#include "codec/codecs.h"

#define START(name, strap, codec, receiver, words) \
    case BOARD_##name: \
        answers = codec##_start(); \
        break;

void codec_init(enum board_revision revision)
{
    bool answers = false;

    switch (revision) {
        BOARD_REVISIONS(START)
    default:
        break;
    }
    if (!answers) {
        fault_stop(FAULT_CODEC);
    }
}

#ifdef CODEC_IS_TABLE

void codec_release(void)
{
    if (!table_unmute()) {
        fault_stop(FAULT_CODEC);
    }
}

#endif
