#include "bypass.h"

#include "chain_plan.h"
#include "step.h"

#define PART_PER_STEP (1.0f / (float)BYPASS_FADE_STEPS) /* a power of two: sums are exact */

static float guitar[CHAIN_BLOCK_FRAMES];
static float wanted_part = 1.0f; /* of the pedal: 0 or 1 */
static float part = 1.0f;

void bypass_set(bool bypassed)
{
    if (bypassed) {
        wanted_part = 0.0f;
    } else {
        wanted_part = 1.0f;
    }
}

bool bypass_is_complete(void)
{
    return nam_bits_of(part) == 0u && nam_bits_of(wanted_part) == 0u;
}

void bypass_reset(void)
{
    part = wanted_part;
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

/* dry + part * (wet - dry), the part going on to the next one. */
static void fade(float *wet, const float *dry)
{
    const float from = part;
    const struct step d = step_load(dry);
    struct step s = step_load(wet);

    part = nam_fma(wanted_part - 0.5f, 2.0f * PART_PER_STEP, from);
    UNROLLED
    for (size_t k = 0; k < STEP_FRAMES; k++) {
        s.at[k] = s.at[k] - d.at[k];
    }
    s = step_pinned(step_scale(step_pinned(s), from, part));
    UNROLLED
    for (size_t k = 0; k < STEP_FRAMES; k++) {
        s.at[k] = s.at[k] + d.at[k];
    }
    step_store(wet, s);
}

void bypass_process(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        if (nam_bits_of(part) != nam_bits_of(wanted_part)) {
            fade(&samples[i], &guitar[i]);
        } else if (nam_bits_of(part) == 0u) {
            copy(&samples[i], &guitar[i]);
        } else {
            /* The pedal alone: as it is. */
        }
    }
}
