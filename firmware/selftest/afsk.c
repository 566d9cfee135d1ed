/*
 * A block on the line is alternating bits, the sync word, then the body, whitened by PN9: index,
 * count and length, data, CRC-32. What is sent next does not hang on how many samples are asked for
 * at a time.
 */
#include "afsk.h"

#include "afsk_sine.h"

#define SAMPLES_PER_BIT 80u
#define STEP_OF_0 0x08000000u /* 1,500 Hz */
#define STEP_OF_1 0x0E666666u /* 2,700 Hz */
#define ENTRY_SHIFT 24u
#define LEVEL 128 /* of the sine's 16 bits, in 24: -6 dB of full scale */

#define SYNC 0x1ACFFC1Du
#define SYNC_BITS 32u
#define FIRST_PREAMBLE_BITS 64u
#define PREAMBLE_BITS 24u
#define DATA_BYTES 64u
#define HEAD_BYTES 3u
#define CHECK_BYTES 4u
#define BODY_BYTES (HEAD_BYTES + DATA_BYTES + CHECK_BYTES)
#define BYTE_BITS 8u
#define HIGH_BIT 7u
#define HIGH_BYTE_SHIFT 24u
#define WORD_HIGH_BIT 31u

#define PN9_ONES 0x1FFu
#define PN9_HIGH_SHIFT 8u
#define CRC_POLYNOMIAL 0xEDB88320u

static const uint8_t *sent;
static size_t sent_bytes;
static uint32_t sent_blocks;
static uint8_t body[BODY_BYTES];
static uint32_t body_bits;
static uint32_t block;
static uint32_t preamble_bits;
static uint32_t bit_place; /* in the block, its preamble included */
static uint32_t samples_left; /* of the bit */
static uint32_t bit_step;
static uint32_t phase;

uint32_t afsk_check(uint32_t crc, const uint8_t *data, size_t bytes)
{
    crc = ~crc;
    for (size_t i = 0; i < bytes; i++) {
        crc ^= data[i];
        for (uint32_t bit = 0; bit < BYTE_BITS; bit++) {
            crc = (crc >> 1) ^ (CRC_POLYNOMIAL & (0u - (crc & 1u)));
        }
    }
    return ~crc;
}

void afsk_put_word(uint8_t *to, uint32_t word)
{
    for (size_t i = 0; i < CHECK_BYTES; i++) {
        to[i] = (uint8_t)(word >> (HIGH_BYTE_SHIFT - BYTE_BITS * i));
    }
}

static void whiten(uint8_t *data, size_t bytes)
{
    uint32_t state = PN9_ONES;

    for (size_t i = 0; i < bytes; i++) {
        for (uint32_t bit = 0; bit < BYTE_BITS; bit++) {
            data[i] ^= (uint8_t)((state & 1u) << (HIGH_BIT - bit));
            state = (state >> 1) | (((state ^ (state >> 4)) & 1u) << PN9_HIGH_SHIFT);
        }
    }
}

static void block_begin(uint32_t index)
{
    const size_t first = (size_t)index * DATA_BYTES;
    const size_t left = sent_bytes - first;
    const size_t data = left < DATA_BYTES ? left : DATA_BYTES;

    block = index;
    body[0] = (uint8_t)index;
    body[1] = (uint8_t)sent_blocks;
    body[2] = (uint8_t)data;
    for (size_t i = 0; i < data; i++) {
        body[HEAD_BYTES + i] = sent[first + i];
    }
    afsk_put_word(&body[HEAD_BYTES + data], afsk_check(0u, body, HEAD_BYTES + data));
    whiten(body, HEAD_BYTES + data + CHECK_BYTES);
    body_bits = BYTE_BITS * (uint32_t)(HEAD_BYTES + data + CHECK_BYTES);
    preamble_bits = index == 0u ? FIRST_PREAMBLE_BITS : PREAMBLE_BITS;
    bit_place = 0;
}

static uint32_t bit_at(uint32_t place)
{
    uint32_t at = place;

    if (at < preamble_bits) {
        return at & 1u;
    }
    at -= preamble_bits;
    if (at < SYNC_BITS) {
        return (SYNC >> (WORD_HIGH_BIT - at)) & 1u;
    }
    at -= SYNC_BITS;
    return ((uint32_t)body[at / BYTE_BITS] >> (HIGH_BIT - at % BYTE_BITS)) & 1u;
}

static void bit_begin(void)
{
    if (bit_place == preamble_bits + SYNC_BITS + body_bits) {
        block_begin(block + 1u < sent_blocks ? block + 1u : 0u);
    }
    bit_step = bit_at(bit_place) != 0u ? STEP_OF_1 : STEP_OF_0;
    bit_place++;
    samples_left = SAMPLES_PER_BIT;
}

void afsk_begin(const uint8_t *message, size_t bytes)
{
    sent = message;
    sent_bytes = bytes;
    sent_blocks = (uint32_t)((bytes + DATA_BYTES - 1u) / DATA_BYTES);
    phase = 0;
    samples_left = 0;
    block_begin(0);
}

int32_t afsk_sine(uint32_t *turned, uint32_t step)
{
    const int32_t code = afsk_sine_table[*turned >> ENTRY_SHIFT] * LEVEL;

    *turned += step;
    return code;
}

int32_t afsk_next(void)
{
    if (samples_left == 0u) {
        bit_begin();
    }
    samples_left--;
    return afsk_sine(&phase, bit_step);
}
