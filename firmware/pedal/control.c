/*
 * Once in CONTROLS_TICK_FRAMES frames: read the panel, let the controls tell the sound, show what
 * they say.
 */
#include "control.h"

#include "board/fault.h"
#include "board/update_mode.h"
#include "core/sections.h"
#include "panel/panel.h"

#include "chain.h"
#include "controls.h"

static struct panel_inputs inputs;
static struct panel_outputs outputs;
static volatile size_t capture_chosen;
static size_t frames_passed;

ITCM_CODE static void tick(void)
{
    panel_read(&inputs);
    controls_tick(&inputs, &outputs);
    panel_show(&outputs);
    capture_chosen = outputs.capture;
    inputs.late = false;
    if (outputs.update) {
        board_update_mode();
    }
}

void pedal_control_start(size_t capture)
{
    const struct controls_start first = { .capture = capture };

    if (!panel_init()) {
        fault_stop(FAULT_PANEL);
    }
    if (panel_update_is_held()) {
        board_update_mode();
    }
    controls_reset(&first);
    tick();
    chain_reset(); /* knobs do not travel from where they never stood */
}

ITCM_CODE void pedal_control(size_t frames, bool late)
{
    inputs.late = inputs.late || late;
    frames_passed += frames;
    if (frames_passed >= CONTROLS_TICK_FRAMES) {
        frames_passed = 0;
        tick();
    }
}

size_t pedal_control_capture(void)
{
    return capture_chosen;
}
