/*
 * The cabinet in small blocks: the first taps in parts as short as the block, for they must sound
 * at once; the rest, which need not sound before two of its parts have passed, in longer parts.
 * What a part of the tail takes is spread over the parts of the head that pass meanwhile.
 */
#ifndef CABINET_TWO_LEVELS_H
#define CABINET_TWO_LEVELS_H

#include <stddef.h>

/*
 * Another one of cabinet_responses, from the next call on, of the tail from its next part on. What
 * was played before is heard through it too, so silence belongs around the call.
 */
void cabinet_two_levels_use(size_t number);
void cabinet_two_levels_reset(void);
/* A multiple of CABINET_HEAD_FRAMES. */
void cabinet_two_levels_process(float *samples, size_t frames);

#endif
