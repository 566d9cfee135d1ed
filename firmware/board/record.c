#include "record.h"

#include <stddef.h>

#define CRC_POLYNOMIAL 0xEDB88320u /* IEEE 802.3, low bit first */
#define WORD_BITS 32u
#define HALF_WAY 0x80000000u

static uint32_t check_of(const struct record *record)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < (size_t)RECORD_CHECK; i++) {
        crc ^= record->words[i];
        for (uint32_t bit = 0; bit < WORD_BITS; bit++) {
            crc = (crc & 1u) != 0u ? (crc >> 1) ^ CRC_POLYNOMIAL : crc >> 1;
        }
    }
    return ~crc;
}

struct record record_of(uint32_t image, uint32_t sequence, uint32_t capture)
{
    struct record made = { { RECORD_KIND_1, image, sequence, capture, 0u } };

    made.words[RECORD_CHECK] = check_of(&made);
    return made;
}

bool record_is_valid(const struct record *record)
{
    return record->words[RECORD_KIND] == RECORD_KIND_1
        && record->words[RECORD_CHECK] == check_of(record);
}

bool record_is_newer(const struct record *record, const struct record *than)
{
    const uint32_t ahead = record->words[RECORD_SEQUENCE] - than->words[RECORD_SEQUENCE];

    return ahead != 0u && ahead < HALF_WAY;
}
