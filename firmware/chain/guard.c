#include "guard.h"

#include "chain_plan.h"
#include "step.h"

NAM_INLINE float within(float sample, float limit)
{
    return nam_min(nam_max(sample, -limit), limit);
}

void guard_model(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        struct step s = step_load(&samples[i]);

        UNROLLED
        for (size_t k = 0; k < STEP_FRAMES; k++) {
            s.at[k] = within(nam_sanitize(s.at[k]), GUARD_MODEL_LIMIT);
        }
        step_store(&samples[i], s);
    }
}

void guard_output(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        struct step s = step_load(&samples[i]);

        UNROLLED
        for (size_t k = 0; k < STEP_FRAMES; k++) {
            s.at[k] = within(s.at[k], 1.0f);
        }
        step_store(&samples[i], s);
    }
}
