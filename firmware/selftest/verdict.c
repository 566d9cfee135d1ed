#include "verdict.h"

#include <stddef.h>

#include "pedal/pedal.h"

#define SLOTS_PER_S 4u
#define BLOCKS_PER_SLOT (PEDAL_SAMPLE_RATE_HZ / PEDAL_BLOCK_FRAMES / SLOTS_PER_S)
#define DIGITS 3u
#define BASE 10u
#define MOST_TOLD 999u
#define GAP_SLOTS 4u
#define END_SLOTS 8u
#define END_BLOCKS (END_SLOTS * BLOCKS_PER_SLOT)
#define FLASHES 10u
#define FLASH_BLOCKS (END_BLOCKS / FLASHES / 2u)

static uint32_t blinks_of(uint32_t hundredths, uint32_t digit)
{
    uint32_t rest = hundredths < MOST_TOLD ? hundredths : MOST_TOLD;

    for (uint32_t i = digit + 1u; i < DIGITS; i++) {
        rest /= BASE;
    }
    return rest % BASE == 0u ? BASE : rest % BASE;
}

bool verdict_lit(uint32_t hundredths, bool has_passed, uint32_t blocks)
{
    uint32_t slots = 0;

    for (uint32_t digit = 0; digit < DIGITS; digit++) {
        slots += 2u * blinks_of(hundredths, digit) + GAP_SLOTS;
    }
    const uint32_t place = blocks % ((slots + END_SLOTS + GAP_SLOTS) * BLOCKS_PER_SLOT);
    uint32_t slot = place / BLOCKS_PER_SLOT;
    for (uint32_t digit = 0; digit < DIGITS; digit++) {
        const uint32_t blinks = blinks_of(hundredths, digit);

        if (slot < 2u * blinks + GAP_SLOTS) {
            return slot < 2u * blinks && slot % 2u == 0u;
        }
        slot -= 2u * blinks + GAP_SLOTS;
    }
    return slot < END_SLOTS
        && (has_passed || (place - slots * BLOCKS_PER_SLOT) / FLASH_BLOCKS % 2u == 0u);
}
