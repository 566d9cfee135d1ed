#include "presses.h"

#include "controls_plan.h"

void presses_begin(struct presses *presses, uint32_t closed)
{
    presses->closed = closed;
    presses->waiting = 0;
    presses->held_ticks = 0;
}

static bool has_several(uint32_t switches)
{
    return (switches & (switches - 1u)) != 0u;
}

/* All of a combination are held: of several, the last ones wait. */
static uint32_t hold(struct presses *presses, uint32_t pressed, uint32_t combination)
{
    if (presses->held_ticks < CONTROLS_HOLD_TICKS) {
        presses->held_ticks++;
    }
    if (!has_several(combination)) {
        return pressed;
    }
    presses->waiting |= pressed & combination;
    return pressed & ~combination;
}

static uint32_t let_go(struct presses *presses, uint32_t pressed)
{
    const uint32_t acting = pressed | presses->waiting;

    presses->held_ticks = 0;
    presses->waiting = 0;
    return acting;
}

uint32_t presses_tick(struct presses *presses, uint32_t closed, uint32_t combination)
{
    const uint32_t pressed = closed & ~presses->closed;
    const bool is_held = combination != 0u && (closed & combination) == combination;

    presses->closed = closed;
    return is_held ? hold(presses, pressed, combination) : let_go(presses, pressed);
}

bool presses_want_update(const struct presses *presses)
{
    return presses->held_ticks >= CONTROLS_HOLD_TICKS;
}
