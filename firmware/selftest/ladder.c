#include "ladder.h"

#include <stdbool.h>
#include <stddef.h>

#include "core/cache.h"
#include "core/processor.h"
#include "pedal/pedal.h"
#include "selftest/check.h"
#include "selftest/measure.h"
#include "selftest_plan.h"

#define ARGUMENTS (MEASURE_REGISTERS + MEASURE_STACKED)

static uint32_t taps_now[LADDER_TAPS];
static int32_t words_in[PEDAL_CHANNELS * PEDAL_BLOCK_FRAMES];
static int32_t words_out[PEDAL_CHANNELS * PEDAL_BLOCK_FRAMES];
static float samples[PEDAL_BLOCK_FRAMES];

static struct measure_call call_of(const struct ladder_rung *rung)
{
    struct measure_call call = rung->call;

    for (size_t i = 0; i < LADDER_TAPS; i++) {
        taps_now[i] = rung->taps[i];
    }
    if (rung->taps_at < MEASURE_REGISTERS) {
        call.registers[rung->taps_at] = (uint32_t)(uintptr_t)taps_now;
    } else if (rung->taps_at < ARGUMENTS) {
        call.stacked[rung->taps_at - MEASURE_REGISTERS] = (uint32_t)(uintptr_t)taps_now;
    }
    return call;
}

static void prepare(enum ladder_prepare what)
{
    switch (what) {
    case LADDER_SOUND:
    case LADDER_NANO_KERNEL:
        pedal_reset();
        break;
    case LADDER_LITE:
    case LADDER_LITE_KERNEL:
        selftest_lite_reset();
        break;
    default:
        break;
    }
    selftest_rules_init();
    check_noise_reset();
}

/* Nothing may interrupt it: the tick waits. */
static uint32_t run(const struct ladder_rung *rung, const struct measure_call *call)
{
    if (rung->prepare == LADDER_COLD) {
        caches_stop();
        caches_start();
    }
    for (size_t i = 0; i < PEDAL_BLOCK_FRAMES; i++) {
        words_in[PEDAL_CHANNELS * i] = check_noise_code();
        samples[i] = (float)words_in[PEDAL_CHANNELS * i] * CHECK_CODE;
    }
    interrupts_off();
    const uint32_t cycles = measure_call(call);
    interrupts_on();
    return cycles;
}

static bool is_warmed(const struct ladder_rung *rung)
{
    return rung->prepare == LADDER_WARM || rung->prepare >= LADDER_NANO_KERNEL;
}

struct ladder_span ladder_measure(uint32_t number)
{
    const struct ladder_rung *const rung = &selftest_rungs[number];
    const struct measure_call call = call_of(rung);
    struct ladder_span span = { UINT32_MAX, 0u };

    prepare(rung->prepare);
    if (is_warmed(rung)) {
        (void)run(rung, &call);
    }
    for (uint32_t i = 0; i < rung->runs; i++) {
        const uint32_t cycles = run(rung, &call);

        span.least = cycles < span.least ? cycles : span.least;
        span.most = cycles > span.most ? cycles : span.most;
    }
    return span;
}

void ladder_sound_block(void)
{
    __real_pedal_process(words_in, words_out, PEDAL_BLOCK_FRAMES);
}

void ladder_lite_block(void)
{
    selftest_lite_process(samples, samples, PEDAL_BLOCK_FRAMES);
}
