/*
 * Which capture is chosen, of one bank at a time. Another bank brings back what was chosen of it
 * last; one without captures changes nothing.
 */
#ifndef CHOICE_H
#define CHOICE_H

#include <stddef.h>
#include <stdint.h>

/* Of a capture. */
struct choice_place {
    uint8_t bank;
    uint8_t next; /* the captures beside it in its bank, in a circle */
    uint8_t previous;
};

struct choice {
    const struct choice_place *places; /* [captures] */
    size_t captures;
    uint8_t *last; /* of each bank; CHOICE_NONE: it is empty */
    size_t chosen;
};

#define CHOICE_NONE 0xFFu

/* What is no capture leaves the choice as it is. */
void choice_take(struct choice *choice, size_t capture);
void choice_bank(struct choice *choice, size_t bank);
/* On by some captures of the bank, or back. */
void choice_move(struct choice *choice, int32_t captures);

#endif
