/*
 * The cabinet: convolution with an impulse response, without latency.
 *
 * Which of the files beside it is linked depends on the response's length and on the block:
 * cabinet_direct.c (short responses), cabinet_parts.c (parts as long as the block), or
 * cabinet_two_levels.c (small blocks: short parts first, longer parts behind them).
 */
#ifndef CABINET_H
#define CABINET_H

#include <stddef.h>

#include "skew_transform.h"

/* A response in the form in which the file that is linked reads it; the others are NULL. */
struct cabinet_response {
    const float *taps;       /* [CABINET_TAPS], the newest sample's first */
    const struct bins *head; /* [CABINET_HEAD_FRAMES / 4][CABINET_HEAD_PARTS] */
    const struct bins *tail; /* [CABINET_TAIL_FRAMES / 4][CABINET_TAIL_PARTS] */
};

/*
 * Another one of cabinet_responses, from the next block on. What was played before is heard through
 * it too, so silence belongs around the call.
 */
void cabinet_use(size_t number);
void cabinet_reset(void);
/* A multiple of CABINET_HEAD_FRAMES. */
void cabinet_process(float *samples, size_t frames);

#endif
