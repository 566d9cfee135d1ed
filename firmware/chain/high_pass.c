#include "high_pass.h"

#include "chain_plan.h"
#include "step.h"

static float mean;

void high_pass_reset(void)
{
    mean = 0.0f;
}

void high_pass_process(float *samples, size_t frames)
{
    float before = mean;

    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        struct step s = step_load(&samples[i]);

        UNROLLED
        for (size_t k = 0; k < STEP_FRAMES; k++) {
            const float after = nam_fma(HIGH_PASS_KEEP, before, HIGH_PASS_TAKE * s.at[k]);

            s.at[k] = s.at[k] - before;
            before = after;
        }
        step_store(&samples[i], s);
    }
    mean = before;
}
