/*
 * Bytes as sound, plain C99: frequency shift keying with a continuous phase, 600 bits a second at
 * 48 kHz. Its twin in NumPy, bit for bit, is namgen/afsk/.
 */
#ifndef AFSK_H
#define AFSK_H

#include <stddef.h>
#include <stdint.h>

/*
 * From the next sample on, `message` is sent again and again. Its last four bytes have to be its
 * check, the high byte first; it stays where it is. At most 255 blocks of 64 bytes.
 */
void afsk_begin(const uint8_t *message, size_t bytes);
/* The next sample, 24 bits: half of full scale. */
int32_t afsk_next(void);
/* A sine's next sample, 24 bits; the step is 2^32 times the tone over the sample rate. */
int32_t afsk_sine(uint32_t *phase, uint32_t step);
/* CRC-32 (IEEE 802.3); `crc` is 0, or what came before. */
uint32_t afsk_check(uint32_t crc, const uint8_t *data, size_t bytes);
/* Four bytes, the high one first. */
void afsk_put_word(uint8_t *to, uint32_t word);

#endif
