#include "level.h"

#include "gain.h"
#include "step.h"

static struct gain level = GAIN_OF_ONE;

void level_set(float position)
{
    gain_set_knob(&level, table_value(level_gains, LEVEL_ROWS, knob_position(position)));
}

void level_normalise(float gain)
{
    gain_set_capture(&level, gain);
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
