/*
 * Switches as they are meant: a contact bounces for some milliseconds when it closes or opens.
 *
 * A press counts after CONTROLS_CLOSE_TICKS, so that a foot feels no delay; a release only after
 * CONTROLS_OPEN_TICKS, so that a bounce is no second press.
 */
#ifndef DEBOUNCE_H
#define DEBOUNCE_H

#include <stdint.h>

#define DEBOUNCE_MOST_SWITCHES 32u

struct debounce {
    uint32_t closed;
    uint32_t counting; /* switches whose ticks are not 0 */
    uint8_t ticks[DEBOUNCE_MOST_SWITCHES]; /* for which a switch has been otherwise */
};

/* As they are now. */
void debounce_begin(struct debounce *switches, uint32_t closed);
void debounce_tick(struct debounce *switches, uint32_t closed);

#endif
