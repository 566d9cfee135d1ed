/*
 * The pedal's signal chain: a block of codec words in, a block of codec words out. It knows no
 * board and is compiled for the host under test.
 */
#ifndef PEDAL_H
#define PEDAL_H

#include <stddef.h>
#include <stdint.h>

#ifndef PEDAL_BLOCK_FRAMES
#error "PEDAL_BLOCK_FRAMES: frames per block, 1 to 256"
#endif
#if PEDAL_BLOCK_FRAMES < 1 || PEDAL_BLOCK_FRAMES > 256
#error "PEDAL_BLOCK_FRAMES must be 1 to 256"
#endif

#define PEDAL_CHANNELS 2u
#define PEDAL_SAMPLE_RATE_HZ 48000u

/* Frames from the start to full volume: 42.7 ms. */
#define PEDAL_FADE_FRAMES 2048u

enum pedal_words {
    PEDAL_WORDS_24,            /* (left, right), 24 bits in the lower part of a word */
    PEDAL_WORDS_32_RIGHT_FIRST /* (right, left), 32 bits */
};

/* To the start state, of the model and of the fade. */
void pedal_reset(void);
/* What the codec sends and takes; PEDAL_WORDS_24 unless something else is said. */
void pedal_use(enum pedal_words words);
/* From silence again. */
void pedal_fade_in(void);

/*
 * `in` and `out` hold `frames` pairs, at most PEDAL_BLOCK_FRAMES of them. The guitar is the left
 * input; both outputs carry the same signal.
 *
 * The model's output y is faded in: frame n since the start is y * (n / 2048), one multiplication
 * of float32, for n below 2048.
 *
 * PEDAL_WORDS_24: an input sample is the lower 24 bits of a word, two's complement, whatever the
 * upper 8 are; it becomes value / 2^23, exactly. An output sample is the nearest of the 2^24 values
 * to y * 2^23, ties to even, clamped to -2^23 .. 2^23 - 1, NaN to 0, in the lower 24 bits and
 * sign-extended.
 *
 * PEDAL_WORDS_32_RIGHT_FIRST: an input sample is the word as the nearest float32, ties to even,
 * times 2^-31. An output sample is the nearest integer to y * 2^31, ties to even, clamped to
 * -2^31 .. 2^31 - 128 (the largest float32 below 2^31), NaN to 0.
 */
void pedal_process(const int32_t *in, int32_t *out, size_t frames);

/* Instead, where there is no time for it: the guitar as it came; nothing until it has faded in. */
void pedal_skip(const int32_t *in, int32_t *out, size_t frames);

#endif
