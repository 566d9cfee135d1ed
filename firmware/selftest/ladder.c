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
#define RULE_RUNS (2u * SELFTEST_RULES)
#define THUMB 1u

static uint32_t words_given[LADDER_WORDS];
static int32_t words_in[PEDAL_CHANNELS * PEDAL_BLOCK_FRAMES];
static int32_t words_out[PEDAL_CHANNELS * PEDAL_BLOCK_FRAMES];
static float samples[PEDAL_BLOCK_FRAMES];

static struct ladder_rung rule = { .prepare = LADDER_WARM, .runs = SELFTEST_RULE_RUNS };

/* The rules' come first. */
static const struct ladder_rung *rung_of(uint32_t number)
{
    if (number >= RULE_RUNS) {
        return &selftest_rungs[number - RULE_RUNS];
    }
    rule.call.target = (uintptr_t)&selftest_rule;
    rule.call.registers[0] = selftest_rule_code[number] | THUMB;
    return &rule;
}

static struct measure_call call_of(const struct ladder_rung *rung)
{
    struct measure_call call = rung->call;

    if (rung->given != NULL) {
        const uint32_t at = rung->given->at;

        for (size_t i = 0; i < rung->given->count; i++) {
            words_given[i] = rung->given->words[i];
        }
        if (at < MEASURE_REGISTERS) {
            call.registers[at] = (uint32_t)(uintptr_t)words_given;
        } else if (at < ARGUMENTS) {
            call.stacked[at - MEASURE_REGISTERS] = (uint32_t)(uintptr_t)words_given;
        } else {
            /* There is no such argument. */
        }
    }
    return call;
}

static void prepare(const struct ladder_rung *rung)
{
    if (rung->prepare >= LADDER_BLOCK) {
        selftest_reset(rung->model);
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
    return rung->prepare == LADDER_WARM || rung->prepare == LADDER_KERNEL;
}

struct ladder_span ladder_measure(uint32_t number)
{
    const struct ladder_rung *const rung = rung_of(number);
    const struct measure_call call = call_of(rung);
    struct ladder_span span = { UINT32_MAX, 0u };

    prepare(rung);
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

void ladder_model_block(uint32_t model)
{
    selftest_process(model, samples, samples, PEDAL_BLOCK_FRAMES);
}
