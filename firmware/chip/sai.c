/*
 * SAI1 (RM0433, chapter 51).
 */
#include "sai.h"

#include "core/wait.h"

#define SLOT_BITS 32u
#define SLOTS 2u
#define FRAME_BITS 64u /* of all slots */
#define FIRST_WORD_READS 1000000u /* more than 2 ms; the DMA brings it at once */

void sai_init(uint32_t block, const struct sai_format *format)
{
    const uint32_t direction = format->receives ? SAI_CR1_RECEIVE : 0u;
    const uint32_t role = (block == SAI_BLOCK_A) ? 0u : (SAI_CR1_SLAVE | SAI_CR1_SYNC_INTERNAL);
    const uint32_t bits = format->has_32_bits ? SAI_CR1_DS_32 : SAI_CR1_DS_24;
    const uint32_t clock = SAI_CR1_MCKDIV(format->clock_divisor) | SAI_CR1_CKSTR;

    SAI1(block, SAI_CR1) = clock | bits | role | direction;
    SAI1(block, SAI_CR2) = 0;
    SAI1(block, SAI_FRCR) = SAI_FRCR_FRL(FRAME_BITS) | SAI_FRCR_FSALL(SLOT_BITS)
        | SAI_FRCR_FSDEF_CHANNEL_SIDE | SAI_FRCR_FSPOL_HIGH;
    SAI1(block, SAI_SLOTR) = SAI_SLOTR_SLOTSZ_32 | SAI_SLOTR_NBSLOT(SLOTS) | SAI_SLOTR_SLOTEN_ALL;
}

/* A transmitter must not start with nothing to send. */
static bool has_first_word(uint32_t block)
{
    uint32_t reads = 0;

    while ((SAI1(block, SAI_SR) & SAI_SR_FLVL_MASK) == 0u && reads < FIRST_WORD_READS) {
        reads++;
    }
    return reads < FIRST_WORD_READS;
}

bool sai_start(uint32_t block, bool receives)
{
    SAI1(block, SAI_CR1) = SAI1(block, SAI_CR1) | SAI_CR1_DMAEN;
    const bool is_ready = receives || has_first_word(block);
    if (is_ready) {
        SAI1(block, SAI_CR1) = SAI1(block, SAI_CR1) | SAI_CR1_SAIEN;
    }
    return is_ready;
}

bool sai_stop(uint32_t block)
{
    SAI1(block, SAI_CR1) = SAI1(block, SAI_CR1) & ~SAI_CR1_SAIEN;
    return wait_for(&SAI1(block, SAI_CR1), SAI_CR1_SAIEN, 0);
}

void sai_detach_dma(uint32_t block)
{
    SAI1(block, SAI_CR1) = SAI1(block, SAI_CR1) & ~SAI_CR1_DMAEN;
}

void sai_flush(uint32_t block)
{
    SAI1(block, SAI_CR2) = SAI_CR2_FFLUSH;
    SAI1(block, SAI_CLRFR) = SAI_CLRFR_ALL;
}
