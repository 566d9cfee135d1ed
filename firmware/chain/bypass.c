#include "bypass.h"

#include <stdint.h>

#include "chain_plan.h"
#include "step.h"

static float guitar[CHAIN_BLOCK_FRAMES];
static int32_t wanted_steps = BYPASS_FADE_STEPS; /* 0: the guitar alone */
static int32_t faded_steps = BYPASS_FADE_STEPS;

void bypass_set(int bypassed)
{
    wanted_steps = bypassed ? 0 : BYPASS_FADE_STEPS;
}

void bypass_reset(void)
{
    faded_steps = wanted_steps;
}

static void copy(float *to, const float *from)
{
    step_store(to, step_load(from));
}

void bypass_listen(const float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        copy(&guitar[i], &samples[i]);
    }
}

/* dry + part * (wet - dry) */
static void mix(float *wet, const float *dry, struct step part)
{
    const struct step d = step_load(dry);
    struct step s = step_load(wet);

    for (size_t k = 0; k < STEP_FRAMES; k++) {
        s.at[k] = nam_fma(part.at[k], s.at[k] - d.at[k], d.at[k]);
    }
    step_store(wet, s);
}

static float part_of(int32_t steps)
{
    return (float)steps * (1.0f / (float)BYPASS_FADE_STEPS);
}

void bypass_process(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        const int32_t before = faded_steps;

        if (before != wanted_steps) {
            faded_steps = before < wanted_steps ? before + 1 : before - 1;
            mix(&samples[i], &guitar[i], step_line(part_of(before), part_of(faded_steps)));
        } else if (before == 0) {
            copy(&samples[i], &guitar[i]);
        } else {
            /* The pedal alone: as it is. */
        }
    }
}
