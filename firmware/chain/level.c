#include "level.h"

#include "gain.h"
#include "step.h"

static struct gain level = { 1.0f, 1.0f, 1.0f };

void level_set(float position)
{
    level.knob = table_value(level_gains, LEVEL_ROWS, knob_position(position));
}

void level_normalise(float gain)
{
    level.capture = gain;
}

void level_reset(void)
{
    gain_reset(&level);
}

void level_process(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        step_store(&samples[i], gain_apply(&level, step_load(&samples[i])));
    }
}
