/*
 * Input, model, output.
 *
 * NAM_HEADER is the generated header, NAM_SYMBOL the prefix of its functions and NAM_CONSTANT of
 * its constants.
 */
#include "pedal.h"

#include <stdbool.h>

#include "nam_math.h"
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
#define CODE_MAX 8388607.0f
#define CODE_MIN (-8388608.0f)

static float pedal_input[PEDAL_BLOCK_FRAMES];
static float pedal_output[PEDAL_BLOCK_FRAMES];

static float sample_of_code(int32_t word)
{
    const int32_t sign = (int32_t)0x800000;
    const int32_t code = (((word & (int32_t)0xFFFFFF) ^ sign) - sign);

    return (float)code * (1.0f / FULL_SCALE);
}

/* Nearest code, ties to the even one; what is beyond full scale is cut off, NaN is silence. */
static int32_t code_of_sample(float sample)
{
    const float scaled = nam_min(nam_max(sample * FULL_SCALE, CODE_MIN), CODE_MAX);
    /* 2^23 with the sign of the number: added to it, it leaves no room for a fraction. */
    const float large = nam_float_of((nam_bits_of(scaled) & 0x80000000u) | 0x4B000000u);
    const float rounded = (scaled + large) - large;
    const bool is_number = (nam_bits_of(sample) & 0x7FFFFFFFu) <= 0x7F800000u;

    return is_number ? (int32_t)rounded : 0;
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
