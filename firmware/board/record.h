/*
 * What a pedal keeps when it is off: which capture was chosen, in five words.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stdint.h>

#define RECORD_KIND_1 0x314D414Eu /* "NAM1" */

enum record_word {
    RECORD_KIND,
    RECORD_IMAGE,    /* tells a pedal's captures from another's */
    RECORD_SEQUENCE, /* one more than the record before it had */
    RECORD_CAPTURE,  /* counted from 0 */
    RECORD_CHECK,    /* CRC-32 (IEEE 802.3) over the words before it, the low byte of each first */
    RECORD_WORDS
};

struct record {
    uint32_t words[RECORD_WORDS];
};

struct record record_of(uint32_t image, uint32_t sequence, uint32_t capture);
bool record_is_valid(const struct record *record);
/* Whether the first was made after the second; they may be 2^31 apart. */
bool record_is_newer(const struct record *record, const struct record *than);

#endif
