/*
 * Input, sound, output.
 *
 * What is played is a model by itself, or the sound with models in it: NAM_HEADER is the generated
 * header, NAM_SYMBOL the prefix of its functions and NAM_CONSTANT of its constants.
 */
#include "pedal.h"

#include <stdbool.h>

#include "nam_math.h"
#include NAM_HEADER

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define PLAYED(function) JOIN(NAM_SYMBOL, function)
#define PLAYED_CONSTANT(name) JOIN(NAM_CONSTANT, name)
/* NOLINTNEXTLINE(bugprone-macro-parentheses): what is declared cannot be put in parentheses */
#define REQUIRE(name, condition) typedef char name[(condition) ? 1 : -1]

REQUIRE(model_must_run_at_48_khz, PLAYED_CONSTANT(_SAMPLE_RATE_HZ) == PEDAL_SAMPLE_RATE_HZ);
REQUIRE(model_must_have_one_input, PLAYED_CONSTANT(_IN_CHANNELS) == 1);
REQUIRE(model_must_have_one_output, PLAYED_CONSTANT(_OUT_CHANNELS) == 1);

static float pedal_input[PEDAL_BLOCK_FRAMES];
static float pedal_output[PEDAL_BLOCK_FRAMES];

#define FULL_SCALE_24 8388608.0f /* 2^23 */
#define UNUSED_BITS 8 /* of a word with a code of 24 bits */
#define FULL_SCALE_32 2147483648.0f /* 2^31 */
#define WORD_MAX 2147483520 /* 2^31 - 128, the largest that is a float32 */

#define CODE_BITS 0xFFFFFFu
#define CODE_SIGN 0x800000u

#define FADE_STEP (1.0f / (float)PEDAL_FADE_FRAMES)

/* Four turns at a time: one turn waits for most of its results. */
#define UNROLLED _Pragma("GCC unroll 4")
/* What is rare stays small. */
#define NOT_UNROLLED _Pragma("GCC unroll 1")

static enum pedal_words words_of_codec;
static uint32_t faded_frames;

#define FRAMES_AT_ONCE 4u
#define WORDS_AT_ONCE (FRAMES_AT_ONCE * PEDAL_CHANNELS)

/*
 * take_words: the words of a few frames. They lie where the cache does not go, and every load waits
 * for the bus; one instruction for all of them waits once.
 * nearest: the nearest int32, ties to even; what is beyond is cut off, NaN is 0.
 * cut_to_code: what is beyond 24 bits is cut off.
 */
#if defined(__ARM_ARCH_7EM__) && defined(__ARM_FP)

static inline void take_words(const int32_t *in, int32_t words[WORDS_AT_ONCE])
{
    register int32_t a __asm__("r0");
    register int32_t b __asm__("r1");
    register int32_t c __asm__("r2");
    register int32_t d __asm__("r3");
    register int32_t e __asm__("r4");
    register int32_t f __asm__("r5");
    register int32_t g __asm__("r6");
    register int32_t h __asm__("r8");

    __asm__ volatile("ldm %8, {r0-r6, r8}"
                     : "=r"(a), "=r"(b), "=r"(c), "=r"(d), "=r"(e), "=r"(f), "=r"(g), "=r"(h)
                     : "r"(in)
                     : "memory");
    words[0] = a;
    words[1] = b;
    words[2] = c;
    words[3] = d;
    words[4] = e;
    words[5] = f;
    words[6] = g;
    words[7] = h;
}

static inline int32_t nearest(float number)
{
    float word; /* as bits */

    __asm__("vcvtr.s32.f32 %0, %1" : "=t"(word) : "t"(number));
    return (int32_t)nam_bits_of(word);
}

static inline int32_t cut_to_code(int32_t number)
{
    int32_t code;

    __asm__("ssat %0, #24, %1" : "=r"(code) : "r"(number) : "cc");
    return code;
}

#else

static inline void take_words(const int32_t *in, int32_t words[WORDS_AT_ONCE])
{
    for (size_t i = 0; i < WORDS_AT_ONCE; i++) {
        words[i] = in[i];
    }
}

#define CODE_MAX 8388607
#define CODE_MIN (-8388608)

#define SIGN_BIT 0x80000000u
/* From here on a float32 has no fraction: 2^23. */
#define ALL_WHOLE 8388608.0f

static inline int32_t nearest(float number)
{
    /* With the sign of the number; added to it, it leaves no room for a fraction. */
    const float large = nam_float_of((nam_bits_of(number) & SIGN_BIT) | nam_bits_of(ALL_WHOLE));

    if (number != number) {
        return 0;
    }
    if (number >= FULL_SCALE_32) {
        return INT32_MAX;
    }
    if (number <= -FULL_SCALE_32) {
        return INT32_MIN;
    }
    if (number >= ALL_WHOLE || number <= -ALL_WHOLE) {
        return (int32_t)number;
    }
    return (int32_t)((number + large) - large);
}

static inline int32_t cut_to_code(int32_t number)
{
    const int32_t floored = number < CODE_MIN ? CODE_MIN : number;

    return floored > CODE_MAX ? CODE_MAX : floored;
}

#endif

/* Of the lower 24 bits, by way of the sign bit's weight: what is above does not count. */
static int32_t sign_extended(int32_t word)
{
    const uint32_t turned = ((uint32_t)word & CODE_BITS) ^ CODE_SIGN;

    return (int32_t)turned - (int32_t)CODE_SIGN;
}

static float sample_of_word(int32_t word)
{
    return (float)word * (1.0f / FULL_SCALE_32);
}

static float sample_of_code(int32_t word)
{
    /* Its upper bits make way for zeros: 24 bits of 32, which a float32 holds. */
    return sample_of_word((int32_t)((uint32_t)word << UNUSED_BITS));
}

static int32_t code_of_sample(float sample)
{
    return cut_to_code(nearest(sample * FULL_SCALE_24));
}

static int32_t word_of_sample(float sample)
{
    const int32_t word = nearest(sample * FULL_SCALE_32);

    return word > WORD_MAX ? WORD_MAX : word;
}

void pedal_reset(void)
{
    PLAYED(_reset)();
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

static float sample_of(const int32_t *frame)
{
    return words_of_codec == PEDAL_WORDS_24 ? sample_of_code(frame[0]) : sample_of_word(frame[1]);
}

static void take(const int32_t *in, size_t frames)
{
    const size_t whole = frames - frames % FRAMES_AT_ONCE;
    const bool is_code = words_of_codec == PEDAL_WORDS_24;

    NOT_UNROLLED
    for (size_t i = 0; i < whole; i += FRAMES_AT_ONCE) {
        int32_t words[WORDS_AT_ONCE];

        take_words(&in[PEDAL_CHANNELS * i], words);
        UNROLLED
        for (size_t n = 0; n < FRAMES_AT_ONCE; n++) {
            const int32_t *const frame = &words[PEDAL_CHANNELS * n];

            pedal_input[i + n] = is_code ? sample_of_code(frame[0]) : sample_of_word(frame[1]);
        }
    }
    NOT_UNROLLED
    for (size_t i = whole; i < frames; i++) {
        pedal_input[i] = sample_of(&in[PEDAL_CHANNELS * i]);
    }
}

/* n / 2048 is counted up by 1 / 2048: exact in float32. */
static void fade(size_t frames)
{
    const size_t left = PEDAL_FADE_FRAMES - faded_frames;
    const size_t faded = frames < left ? frames : left;
    float volume = (float)faded_frames * FADE_STEP;

    UNROLLED
    for (size_t i = 0; i < faded; i++) {
        pedal_output[i] = pedal_output[i] * volume;
        volume += FADE_STEP;
    }
    faded_frames += (uint32_t)faded;
}

static void send(int32_t *out, size_t frame, int32_t word)
{
    out[PEDAL_CHANNELS * frame] = word;
    out[PEDAL_CHANNELS * frame + 1u] = word;
}

static void give(int32_t *out, size_t frames)
{
    if (words_of_codec == PEDAL_WORDS_24) {
        UNROLLED
        for (size_t i = 0; i < frames; i++) {
            send(out, i, code_of_sample(pedal_output[i]));
        }
    } else {
        UNROLLED
        for (size_t i = 0; i < frames; i++) {
            send(out, i, word_of_sample(pedal_output[i]));
        }
    }
}

void pedal_process(const int32_t *in, int32_t *out, size_t frames)
{
    take(in, frames);
    PLAYED(_process)(pedal_input, pedal_output, frames);
    if (faded_frames < PEDAL_FADE_FRAMES) {
        fade(frames);
    }
    give(out, frames);
}

static int32_t word_heard(const int32_t *frame, bool is_heard)
{
    const int32_t word = words_of_codec == PEDAL_WORDS_24 ? sign_extended(frame[0]) : frame[1];

    return is_heard ? word : 0;
}

void pedal_skip(const int32_t *in, int32_t *out, size_t frames)
{
    const size_t whole = frames - frames % FRAMES_AT_ONCE;
    const bool is_heard = faded_frames >= PEDAL_FADE_FRAMES;

    NOT_UNROLLED
    for (size_t i = 0; i < whole; i += FRAMES_AT_ONCE) {
        int32_t words[WORDS_AT_ONCE];

        take_words(&in[PEDAL_CHANNELS * i], words);
        UNROLLED
        for (size_t n = 0; n < FRAMES_AT_ONCE; n++) {
            send(out, i + n, word_heard(&words[PEDAL_CHANNELS * n], is_heard));
        }
    }
    NOT_UNROLLED
    for (size_t i = whole; i < frames; i++) {
        send(out, i, word_heard(&in[PEDAL_CHANNELS * i], is_heard));
    }
}
