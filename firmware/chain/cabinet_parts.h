/*
 * The cabinet by parts that are as long as the block, or a divisor of it.
 */
#ifndef CABINET_PARTS_H
#define CABINET_PARTS_H

#include <stddef.h>

/*
 * Another one of cabinet_responses, from the next call on. What was played before is heard
 * through it too, so silence belongs around the call.
 */
void cabinet_parts_use(size_t number);
void cabinet_parts_reset(void);
/* A multiple of CABINET_HEAD_FRAMES. */
void cabinet_parts_process(float *samples, size_t frames);

#endif
