#include "cabinet_direct.h"

#include "chain_cabinet.h"
#include "step.h"

#define RING_FRAMES (CABINET_TAPS + STEP_FRAMES)
#define TAPS_OF_TILE 4u

static float ring[2u * RING_FRAMES] CABINET_HEARD_PLACE;
static size_t written; /* up to here, below RING_FRAMES */
static const float *taps = cabinet_response_0_taps;

void cabinet_direct_use(size_t number)
{
    taps = cabinet_responses[number].taps;
}

void cabinet_direct_reset(void)
{
    for (size_t i = 0; i < 2u * RING_FRAMES; i++) {
        ring[i] = 0.0f;
    }
    written = 0;
}

/* Four taps for eight frames; x[0] is what the first tap gives the first frame. */
NAM_INLINE struct step add_taps(struct step sum, const float *tap, const float *x)
{
    float h[TAPS_OF_TILE] = { tap[0], tap[1], tap[2], tap[3] };
    float past[STEP_FRAMES + TAPS_OF_TILE];

    UNROLLED
    for (size_t k = 1; k < STEP_FRAMES + TAPS_OF_TILE; k++) {
        past[k] = *(x + k - TAPS_OF_TILE);
    }
    NAM_PIN_4(h[0], h[1], h[2], h[3]);
    NAM_PIN_4(past[1], past[2], past[3], past[4]);
    NAM_PIN_4(past[5], past[6], past[7], past[8]);
    NAM_PIN_3(past[9], past[STEP_FRAMES + 2u], past[STEP_FRAMES + 3u]);
    UNROLLED
    for (size_t j = 0; j < TAPS_OF_TILE; j++) {
        UNROLLED
        for (size_t k = 0; k < STEP_FRAMES; k++) {
            sum.at[k] = nam_fma(h[j], past[k + TAPS_OF_TILE - j], sum.at[k]);
        }
    }
    return sum;
}

void cabinet_direct_process(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        struct step sum = { { 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f } };
        const struct step s = step_load(&samples[i]);
        const float *newest = &ring[written + RING_FRAMES];

        step_store(&ring[written], s);
        step_store(&ring[written + RING_FRAMES], s);
        for (size_t tap = 0; tap < CABINET_TAPS; tap += TAPS_OF_TILE) {
            sum = add_taps(sum, &taps[tap], newest - tap);
        }
        step_store(&samples[i], sum);
        written = written + STEP_FRAMES == RING_FRAMES ? 0u : written + STEP_FRAMES;
    }
}
