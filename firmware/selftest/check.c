#include "check.h"

#include "pedal/pedal.h"
#include "selftest/afsk.h"
#include "selftest/slow_memory.h"
#include "selftest_plan.h"

#define NOISE_FACTOR 1664525u
#define NOISE_STEP 1013904223u
#define NOISE_SHIFT 11
#define SAMPLE_BYTES 4u

static uint32_t noise;
SLOW_MEMORY static float samples[PEDAL_BLOCK_FRAMES];

void check_noise_reset(void)
{
    noise = 0;
}

int32_t check_noise_code(void)
{
    noise = noise * NOISE_FACTOR + NOISE_STEP;
    return (int32_t)noise / (1 << NOISE_SHIFT);
}

static void next_block(void)
{
    for (size_t i = 0; i < PEDAL_BLOCK_FRAMES; i++) {
        samples[i] = (float)check_noise_code() * CHECK_CODE;
    }
}

static uint32_t checked(uint32_t crc)
{
    const uint8_t *const bytes = (const uint8_t *)(const void *)samples;

    return afsk_check(crc, bytes, SAMPLE_BYTES * PEDAL_BLOCK_FRAMES);
}

uint32_t check_output(uint32_t model)
{
    uint32_t crc = 0;

    check_noise_reset();
    selftest_reset(model);
    for (size_t done = 0; done < CHECK_FRAMES; done += PEDAL_BLOCK_FRAMES) {
        next_block();
        selftest_process(model, samples, samples, PEDAL_BLOCK_FRAMES);
        crc = checked(crc);
    }
    return crc;
}
