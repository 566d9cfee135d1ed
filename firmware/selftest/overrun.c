#include "overrun.h"

#include <stdbool.h>

#include "board/audio.h"
#include "chip/dma.h"
#include "chip/sai.h"
#include "selftest/measure.h"

#define BLOCKS 2u

static enum overrun_direction direction_of(uint32_t block)
{
    const bool receives = (SAI(SAI_NUMBER, block, SAI_CR1) & SAI_CR1_RECEIVE) != 0u;

    return receives ? OVERRUN_RECEIVER : OVERRUN_TRANSMITTER;
}

/* The flag stays, for the firmware to count. */
static bool is_reported(uint32_t block)
{
    return (SAI(SAI_NUMBER, block, SAI_SR) & SAI_SR_OVRUDR) != 0u;
}

void overrun_force(uint32_t most_cycles, uint32_t *cycles)
{
    const uint32_t began = measure_now();
    uint32_t reported = 0;

    cycles[OVERRUN_RECEIVER] = OVERRUN_NEVER;
    cycles[OVERRUN_TRANSMITTER] = OVERRUN_NEVER;
    for (uint32_t block = 0; block < BLOCKS; block++) {
        sai_detach_dma(block);
    }
    while (reported < BLOCKS && measure_now() - began < most_cycles) {
        for (uint32_t block = 0; block < BLOCKS; block++) {
            uint32_t *const found = &cycles[direction_of(block)];

            if (*found == OVERRUN_NEVER && is_reported(block)) {
                *found = measure_now() - began;
                reported++;
            }
        }
    }
    for (uint32_t block = 0; block < BLOCKS; block++) {
        SAI(SAI_NUMBER, block, SAI_CR1) = SAI(SAI_NUMBER, block, SAI_CR1) | SAI_CR1_DMAEN;
    }
}

/* The slave needs the master's clock to end its frame, so it stops first. */
void overrun_mend(enum board_revision revision)
{
    const uint32_t in_turn[BLOCKS] = { 1u - SAI_MASTER, SAI_MASTER };

    for (uint32_t turn = 0; turn < BLOCKS; turn++) {
        (void)sai_stop(in_turn[turn]);
        sai_detach_dma(in_turn[turn]);
        (void)dma_stop(in_turn[turn]);
    }
    for (uint32_t block = 0; block < BLOCKS; block++) {
        sai_flush(block);
    }
    audio_silence();
    audio_start(revision);
}
