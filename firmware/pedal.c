/*
 * Input, model, output.
 *
 * NAM_HEADER is the generated header, NAM_SYMBOL the prefix of its functions and NAM_CONSTANT of
 * its constants.
 */
#include "pedal.h"

#include NAM_HEADER

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define MODEL(function) JOIN(NAM_SYMBOL, function)
#define MODEL_CONSTANT(name) JOIN(NAM_CONSTANT, name)
#define REQUIRE(name, condition) typedef char name[(condition) ? 1 : -1]

REQUIRE(model_must_run_at_48_khz, MODEL_CONSTANT(_SAMPLE_RATE_HZ) == 48000);
REQUIRE(model_must_have_one_input, MODEL_CONSTANT(_IN_CHANNELS) == 1);
REQUIRE(model_must_have_one_output, MODEL_CONSTANT(_OUT_CHANNELS) == 1);

#define FULL_SCALE 8388608.0f /* 2^23 */
#define CODE_MAX 8388607
#define CODE_MIN (-8388608)

static float pedal_input[PEDAL_BLOCK_FRAMES];
static float pedal_output[PEDAL_BLOCK_FRAMES];

static float sample_of_code(int32_t word)
{
    const int32_t sign = (int32_t)0x800000;
    const int32_t code = (((word & (int32_t)0xFFFFFF) ^ sign) - sign);

    return (float)code * (1.0f / FULL_SCALE);
}

static int32_t code_of_sample(float sample)
{
    const float scaled = sample * FULL_SCALE;

    if (scaled >= (float)CODE_MAX) {
        return CODE_MAX;
    }
    if (scaled <= (float)CODE_MIN) {
        return CODE_MIN;
    }
    if (scaled != scaled) {
        return 0;
    }
    /* Both the whole and the rest are exact: `scaled` has 24 significant bits. */
    const int32_t whole = (int32_t)scaled;
    const float rest = scaled - (float)whole;
    const int32_t odd = whole & 1;
    if (rest > 0.5f || (rest == 0.5f && odd != 0)) {
        return whole + 1;
    }
    if (rest < -0.5f || (rest == -0.5f && odd != 0)) {
        return whole - 1;
    }
    return whole;
}

void pedal_reset(void)
{
    MODEL(_reset)();
}

void pedal_process(const int32_t *in, int32_t *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        pedal_input[i] = sample_of_code(in[PEDAL_CHANNELS * i]);
    }
    MODEL(_process)(pedal_input, pedal_output, frames);
    for (size_t i = 0; i < frames; i++) {
        const int32_t code = code_of_sample(pedal_output[i]);
        out[PEDAL_CHANNELS * i] = code;
        out[PEDAL_CHANNELS * i + 1] = code;
    }
}
