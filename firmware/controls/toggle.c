#include "toggle.h"

#include "controls_plan.h"

/* `positions` where it is between two. */
static size_t standing(const struct toggle_part *part, uint32_t closed)
{
    const uint32_t own = closed & part->switches;
    size_t position = 0;

    while (position < part->positions && part->closed[position] != own) {
        position++;
    }
    return position;
}

void toggle_begin(struct toggle *toggle, const struct toggle_part *part, uint32_t closed)
{
    toggle->position = standing(part, closed);
    toggle->next = toggle->position;
    toggle->ticks = 0;
}

bool toggle_tick(struct toggle *toggle, const struct toggle_part *part, uint32_t closed)
{
    const size_t now = standing(part, closed);
    bool is_elsewhere = false;

    if (now != toggle->next) {
        toggle->next = now;
        toggle->ticks = 0;
    }
    if (now != toggle->position && now < part->positions) {
        toggle->ticks++;
        is_elsewhere = toggle->ticks >= CONTROLS_TOGGLE_TICKS;
    }
    if (is_elsewhere) {
        toggle->position = now;
    }
    return is_elsewhere;
}
