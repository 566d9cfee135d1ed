/*
 * Whether the models compute what they have to: CRC-32 of what they play, the first in its chain.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stddef.h>
#include <stdint.h>

#define CHECK_FRAMES 2496u
#define CHECK_CODE (1.0f / 8388608.0f) /* 24 bits */

/* Noise of an eighth of full scale at most, the same after each reset. */
void check_noise_reset(void);
int32_t check_noise_code(void);
uint32_t check_output(uint32_t model);

#endif
