#include "changeover.h"

#include "chain_plan.h"
#include "step.h"

#define PART_PER_STEP (1.0f / (float)CHANGEOVER_STEPS) /* a power of two: sums are exact */

static float wanted_part = 1.0f; /* of the sound: 0 or 1 */
static float part = 1.0f;

void changeover_silence(bool wanted)
{
    if (wanted) {
        wanted_part = 0.0f;
    } else {
        wanted_part = 1.0f;
    }
}

bool changeover_is_silent(void)
{
    return nam_bits_of(part) == 0u;
}

void changeover_reset(void)
{
    part = wanted_part;
}

static void fade(float *samples)
{
    const float from = part;

    part = nam_fma(wanted_part - 0.5f, 2.0f * PART_PER_STEP, from);
    step_store(samples, step_scale(step_load(samples), from, part));
}

static void hush(float *samples)
{
    UNROLLED
    for (size_t k = 0; k < STEP_FRAMES; k++) {
        samples[k] = 0.0f;
    }
}

void changeover_process(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        if (nam_bits_of(part) != nam_bits_of(wanted_part)) {
            fade(&samples[i]);
        } else if (changeover_is_silent()) {
            hush(&samples[i]);
        } else {
            /* As it is. */
        }
    }
}
