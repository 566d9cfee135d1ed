/*
 * The audio codec.
 */
#ifndef CODEC_H
#define CODEC_H

#include "board/revision.h"

/* Ready to be given a clock; the tick runs. */
void codec_init(enum board_revision revision);

#endif
