/*
 * One block, and what is between two of them.
 */
#include "pedal.h"

#include "project.h"

#include "chain.h"
#include "sound.h"
#if PROJECT_HAS_PANEL
#include "controls.h"
#include "panel/panel.h"
#endif

#define FADE_STEP (1.0f / (float)PEDAL_FADE_FRAMES)

static float heard[CHAIN_BLOCK_FRAMES];
static float played[CHAIN_BLOCK_FRAMES];
static size_t faded_frames;
static volatile bool update_is_wanted;

#if PROJECT_HAS_PANEL

static struct panel_inputs inputs;
static struct panel_outputs outputs;
static size_t frames_passed;

static void tick(void)
{
    panel_read(&inputs);
    controls_tick(&inputs, &outputs);
    panel_show(&outputs);
    inputs.late = false;
    if (outputs.update) {
        update_is_wanted = true;
    }
}

static bool controls_start(void)
{
    static const struct controls_start first = { 0u };
    bool is_held;

    (void)panel_init();
    is_held = panel_update_is_held();
    inputs.late = false;
    frames_passed = 0;
    controls_reset(&first);
    tick();
    chain_reset(); /* knobs do not travel from where they never stood */
    return is_held;
}

void pedal_control(size_t frames, bool late)
{
    inputs.late = inputs.late || late;
    frames_passed += frames;
    if (frames_passed >= CONTROLS_TICK_FRAMES) {
        frames_passed = 0;
        tick();
    }
}

#else

static bool controls_start(void)
{
    return false;
}

void pedal_control(size_t frames, bool late)
{
    (void)frames;
    (void)late;
}

#endif

bool pedal_start(void)
{
    update_is_wanted = false;
    faded_frames = 0;
    sound_reset();
    return controls_start();
}

/* n / 2048 is counted up by 1 / 2048: exact in float32. */
static void fade(size_t frames)
{
    const size_t left = PEDAL_FADE_FRAMES - faded_frames;
    const size_t faded = frames < left ? frames : left;
    float volume = (float)faded_frames * FADE_STEP;

    for (size_t i = 0; i < faded; i++) {
        played[i] = played[i] * volume;
        volume += FADE_STEP;
    }
    faded_frames += faded;
}

static void process_block(const float *in, float *left, float *right, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        heard[i] = in[i];
    }
    sound_process(heard, played, frames);
    if (faded_frames < PEDAL_FADE_FRAMES) {
        fade(frames);
    }
    for (size_t i = 0; i < frames; i++) {
        left[i] = played[i];
        right[i] = played[i];
    }
}

void pedal_process(const float *in, float *left, float *right, size_t frames)
{
    for (size_t done = 0; done < frames; done += CHAIN_BLOCK_FRAMES) {
        const size_t rest = frames - done;
        const size_t count = rest < CHAIN_BLOCK_FRAMES ? rest : CHAIN_BLOCK_FRAMES;

        process_block(&in[done], &left[done], &right[done], count);
    }
}

bool pedal_wants_update(void)
{
    return update_is_wanted;
}
