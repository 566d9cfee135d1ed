/*
 * Switches that are pressed: which presses act now, and whether the combination is held that starts
 * the update mode.
 *
 * A press acts at once, for players feel every millisecond; nothing is undone. But of two switches
 * or more that make the combination, the press that completes it waits: it acts when one of them is
 * let go before the time, and never when the update mode comes.
 */
#ifndef PRESSES_H
#define PRESSES_H

#include <stdbool.h>
#include <stdint.h>

struct presses {
    uint32_t closed;
    uint32_t waiting;
    uint32_t held_ticks; /* of the whole combination */
};

/* What is pressed already is no press. */
void presses_begin(struct presses *presses, uint32_t closed);
/* Presses that act now; `combination`: 0 where there is none. */
uint32_t presses_tick(struct presses *presses, uint32_t closed, uint32_t combination);
/* Whether the combination has been held for CONTROLS_HOLD_TICKS. */
bool presses_want_update(const struct presses *presses);

#endif
