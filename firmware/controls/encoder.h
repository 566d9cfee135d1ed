/*
 * A knob without ends: two contacts that close and open in turn, four quarters from one detent,
 * where both are open, to the next. Clockwise, B closes first.
 *
 * A bounce goes a quarter to and fro. Where both have changed since the last tick, it was turned on
 * in the direction it had. What counts is how far it has come when it is at a detent again.
 */
#ifndef ENCODER_H
#define ENCODER_H

#include <stdint.h>

struct encoder_part {
    uint32_t a; /* its contacts, one bit each */
    uint32_t b;
};

struct encoder {
    uint32_t quarter;  /* 0 at a detent, to 3 */
    int32_t way;       /* in quarters, since the detent */
    int32_t direction; /* of its last quarter: 1 or -1 */
};

/* As it stands now. */
void encoder_begin(struct encoder *encoder, const struct encoder_part *part, uint32_t closed);
/* Detents since the last tick: 1, 0 or -1. */
int32_t encoder_tick(struct encoder *encoder, const struct encoder_part *part, uint32_t closed);

#endif
