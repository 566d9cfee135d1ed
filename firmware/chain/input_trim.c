#include "input_trim.h"

#include "gain.h"
#include "step.h"

static struct gain trim = GAIN_OF_ONE;

void input_trim_set(float position)
{
    gain_set_knob(&trim, table_value(input_trim_gains, INPUT_TRIM_ROWS, knob_position(position)));
}

void input_trim_calibrate(float gain)
{
    gain_set_capture(&trim, gain);
}

void input_trim_reset(void)
{
    gain_reset(&trim);
}

void input_trim_process(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        step_store(&samples[i], gain_apply(&trim, step_load(&samples[i])));
    }
}
