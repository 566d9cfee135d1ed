#include "lights.h"

#include "controls_plan.h"

static void blinking_begin(struct blinking *blinking)
{
    blinking->blink = 0;
    blinking->ticks = 0;
}

void lights_begin(struct lights *lights)
{
    lights->late_ticks = 0;
    lights->flicker_ticks = 0;
    lights->is_flicker_lit = false;
    lights->capture = 0;
    blinking_begin(&lights->number);
    blinking_begin(&lights->lap);
}

/* Whether it is lit in this tick. */
static bool blink(struct blinking *blinking, uint32_t blinks)
{
    const bool is_pause = blinking->blink >= blinks;
    const bool is_lit = !is_pause && blinking->ticks < CONTROLS_BLINK_LIT_TICKS;
    uint32_t length = CONTROLS_BLINK_TICKS;

    if (is_pause) {
        length = CONTROLS_PAUSE_TICKS;
    }
    blinking->ticks++;
    if (blinking->ticks >= length) {
        blinking->ticks = 0;
        blinking->blink = is_pause ? 0u : blinking->blink + 1u;
    }
    return is_lit || blinks == 0u;
}

/* Whether a block was late a short time ago. */
static bool remember_late(struct lights *lights, bool is_late)
{
    if (is_late) {
        lights->late_ticks = CONTROLS_LATE_TICKS;
    } else if (lights->late_ticks > 0u) {
        lights->late_ticks--;
    } else {
        /* Long ago, or never. */
    }
    return lights->late_ticks > 0u;
}

static bool flicker(struct lights *lights)
{
    lights->flicker_ticks++;
    if (lights->flicker_ticks >= CONTROLS_FLICKER_TICKS) {
        lights->flicker_ticks = 0;
        lights->is_flicker_lit = !lights->is_flicker_lit;
    }
    return lights->is_flicker_lit;
}

static uint32_t coloured(const uint32_t colours[LIGHTS_COLOURS], uint32_t mixed)
{
    uint32_t lamps = 0;

    for (uint32_t i = 0; i < LIGHTS_COLOURS; i++) {
        if (((mixed >> i) & 1u) != 0u) {
            lamps |= colours[i];
        }
    }
    return lamps;
}

static uint32_t tell_capture(struct lights *lights, const struct light_lamps *lamps,
                             const struct light_capture *capture)
{
    uint32_t lit = capture->lamps;

    if (blink(&lights->number, capture->blinks)) {
        lit |= lamps->counts;
    }
    if (blink(&lights->lap, capture->laps)) {
        lit |= coloured(lamps->colours, capture->colours);
    }
    return lit;
}

static uint32_t tell_state(const struct light_lamps *lamps, bool is_heard)
{
    return is_heard ? lamps->heard_in_time : lamps->bypassed_in_time;
}

uint32_t lights_tick(struct lights *lights, const struct light_lamps *lamps,
                     const struct light_capture *captures, struct light_state state)
{
    const bool is_flicker_lit = flicker(lights);
    uint32_t lit;

    if (state.capture != lights->capture) {
        lights->capture = state.capture;
        blinking_begin(&lights->number);
        blinking_begin(&lights->lap);
    }
    lit = tell_capture(lights, lamps, &captures[state.capture]);
    lit |= state.is_heard ? lamps->heard : 0u;
    if (remember_late(lights, state.is_late)) {
        lit |= lamps->late | (is_flicker_lit ? lamps->flickers : 0u);
    } else {
        lit |= tell_state(lamps, state.is_heard);
    }
    return lit;
}
