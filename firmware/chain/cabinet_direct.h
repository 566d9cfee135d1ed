/*
 * The cabinet tap by tap, the newest sample first: for short responses. The past lies in a ring
 * that is written twice, one length apart, so that every stretch of it can be read in one piece.
 */
#ifndef CABINET_DIRECT_H
#define CABINET_DIRECT_H

#include <stddef.h>

/*
 * Another one of cabinet_responses, from the next call on. What was played before is heard
 * through it too, so silence belongs around the call.
 */
void cabinet_direct_use(size_t number);
void cabinet_direct_reset(void);
/* A multiple of eight frames. */
void cabinet_direct_process(float *samples, size_t frames);

#endif
