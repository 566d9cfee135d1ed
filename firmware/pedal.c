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

#define FULL_SCALE_32 2147483648.0f /* 2^31 */
#define WORD_MAX 2147483520.0f
#define WORD_MIN (-2147483648.0f)
/* From here on a float32 has no fraction. */
#define ALL_WHOLE 8388608.0f

static enum pedal_words words_of_codec;
static uint32_t faded_frames;

static bool is_number(float sample)
{
    return (nam_bits_of(sample) & 0x7FFFFFFFu) <= 0x7F800000u;
}

/* To the nearest whole number, ties to even; at most ALL_WHOLE in magnitude. */
static float rounded(float small)
{
    /* 2^23 with the sign of the number: added to it, it leaves no room for a fraction. */
    const float large = nam_float_of((nam_bits_of(small) & 0x80000000u) | 0x4B000000u);

    return (small + large) - large;
}

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

    return is_number(sample) ? (int32_t)rounded(scaled) : 0;
}

static float sample_of_word(int32_t word)
{
    return (float)word * (1.0f / FULL_SCALE_32);
}

static int32_t word_of_sample(float sample)
{
    const float scaled = nam_min(nam_max(sample * FULL_SCALE_32, WORD_MIN), WORD_MAX);
    const bool is_whole = scaled >= ALL_WHOLE || scaled <= -ALL_WHOLE;

    return is_number(sample) ? (int32_t)(is_whole ? scaled : rounded(scaled)) : 0;
}

void pedal_reset(void)
{
    MODEL(_reset)();
    pedal_fade_in();
}

void pedal_use(enum pedal_words words)
{
    words_of_codec = words;
}

void pedal_fade_in(void)
{
    faded_frames = 0;
}

static void take(const int32_t *in, size_t frames)
{
    if (words_of_codec == PEDAL_WORDS_24) {
        for (size_t i = 0; i < frames; i++) {
            pedal_input[i] = sample_of_code(in[PEDAL_CHANNELS * i]);
        }
    } else {
        for (size_t i = 0; i < frames; i++) {
            pedal_input[i] = sample_of_word(in[PEDAL_CHANNELS * i + 1]);
        }
    }
}

static void fade(size_t frames)
{
    for (size_t i = 0; i < frames && faded_frames < PEDAL_FADE_FRAMES; i++) {
        pedal_output[i] = pedal_output[i] * ((float)faded_frames * (1.0f / PEDAL_FADE_FRAMES));
        faded_frames++;
    }
}

static void give(int32_t *out, size_t frames)
{
    const bool is_24_bits = words_of_codec == PEDAL_WORDS_24;

    for (size_t i = 0; i < frames; i++) {
        const float y = pedal_output[i];
        const int32_t word = is_24_bits ? code_of_sample(y) : word_of_sample(y);
        out[PEDAL_CHANNELS * i] = word;
        out[PEDAL_CHANNELS * i + 1] = word;
    }
}

void pedal_process(const int32_t *in, int32_t *out, size_t frames)
{
    take(in, frames);
    MODEL(_process)(pedal_input, pedal_output, frames);
    fade(frames);
    give(out, frames);
}
