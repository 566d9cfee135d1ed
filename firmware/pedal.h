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

#define PEDAL_CHANNELS 2

/* To the start state. */
void pedal_reset(void);

/*
 * `in` and `out` hold `frames` pairs (left, right), at most PEDAL_BLOCK_FRAMES of them. The guitar
 * is the left input; both outputs carry the same signal.
 *
 * An input sample is the lower 24 bits of a word, two's complement, whatever the upper 8 are;
 * it becomes value / 2^23, exactly. An output sample is the nearest of the 2^24 values to
 * y * 2^23, ties to even, clamped to -2^23 .. 2^23 - 1, NaN to 0, in the lower 24 bits and
 * sign-extended.
 */
void pedal_process(const int32_t *in, int32_t *out, size_t frames);

#endif
