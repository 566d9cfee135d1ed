#include "debounce.h"

#include "controls_plan.h"

void debounce_begin(struct debounce *switches, uint32_t closed)
{
    switches->closed = closed;
    switches->counting = 0;
    for (uint32_t i = 0; i < DEBOUNCE_MOST_SWITCHES; i++) {
        switches->ticks[i] = 0;
    }
}

static void restart(struct debounce *switches, uint32_t number)
{
    switches->ticks[number] = 0;
    switches->counting &= ~(1u << number);
}

static void count(struct debounce *switches, uint32_t number, uint32_t needed)
{
    const uint32_t bit = 1u << number;

    switches->ticks[number]++;
    switches->counting |= bit;
    if (switches->ticks[number] >= needed) {
        switches->closed ^= bit;
        restart(switches, number);
    }
}

void debounce_tick(struct debounce *switches, uint32_t closed)
{
    const uint32_t differing = closed ^ switches->closed;
    uint32_t left = differing | switches->counting;

    while (left != 0u) {
        const uint32_t number = (uint32_t)__builtin_ctz(left);
        const uint32_t bit = 1u << number;
        if ((differing & bit) == 0u) {
            restart(switches, number);
        } else if ((closed & bit) != 0u) {
            count(switches, number, CONTROLS_CLOSE_TICKS);
        } else {
            count(switches, number, CONTROLS_OPEN_TICKS);
        }
        left &= ~bit;
    }
}
