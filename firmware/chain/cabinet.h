/*
 * An impulse response in the form in which cabinet_direct.c, cabinet_parts.c or
 * cabinet_two_levels.c reads it. Which of them is linked depends on its length and on the block.
 */
#ifndef CABINET_H
#define CABINET_H

#include "skew_transform.h"

/* What the file that is linked does not read is NULL. */
struct cabinet_response {
    const float *taps;       /* [CABINET_TAPS], the newest sample's first */
    const struct bins *head; /* [CABINET_HEAD_FRAMES / 4][CABINET_HEAD_PARTS] */
    const struct bins *tail; /* [CABINET_TAIL_FRAMES / 4][CABINET_TAIL_PARTS] */
};

#endif
