/*
 * A switch that stays where it is put.
 *
 * Between two ways it may have no contact closed, or two; one that passes through the middle does
 * not mean the middle. So a new way counts after CONTROLS_TOGGLE_TICKS in which nothing else was.
 */
#ifndef TOGGLE_H
#define TOGGLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct toggle_part {
    uint32_t switches;      /* its contacts */
    const uint32_t *closed; /* which of them are closed in each position */
    size_t positions;
};

struct toggle {
    size_t position; /* `positions` of its part while it has never stood anywhere */
    size_t next;     /* where it has been for some ticks */
    uint32_t ticks;
};

/* As it stands now. */
void toggle_begin(struct toggle *toggle, const struct toggle_part *part, uint32_t closed);
/* Whether it stands elsewhere. */
bool toggle_tick(struct toggle *toggle, const struct toggle_part *part, uint32_t closed);

#endif
