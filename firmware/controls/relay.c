#include "relay.h"

#include "controls_plan.h"

void relay_begin(struct relay *relay)
{
    relay->mute = true;
    relay->ticks = 0;
}

void relay_tick(struct relay *relay, bool effect)
{
    if (!relay->mute) {
        return;
    }
    if (relay->ticks >= CONTROLS_RELAY_TICKS) {
        relay->effect = effect;
    }
    if (relay->ticks >= CONTROLS_UNMUTE_TICKS) {
        relay->mute = false;
    }
    relay->ticks++;
}
