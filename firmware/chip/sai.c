/*
 * The SAI that the board's description names (RM0433, chapter 51).
 */
#include "sai.h"

#include "core/wait.h"

#define SLOT_BITS 32u
#define SLOTS 2u
#define FRAME_BITS 64u /* of all slots */
/* When the left word goes by: high, from its first bit on; or low, from the bit before on. */
#ifdef SAI_HAS_I2S_FRAMES
#define FRAME_EDGES SAI_FRCR_FSOFF_BIT_BEFORE
#else
#define FRAME_EDGES SAI_FRCR_FSPOL_HIGH
#endif
#define FIRST_WORD_READS 1000000u /* more than 2 ms; the DMA brings it at once */

void sai_init(uint32_t block, const struct sai_format *format)
{
    const uint32_t direction = format->receives ? SAI_CR1_RECEIVE : 0u;
    const uint32_t role = (block == SAI_MASTER) ? 0u : (SAI_CR1_SLAVE | SAI_CR1_SYNC_INTERNAL);
    const uint32_t bits = format->has_32_bits ? SAI_CR1_DS_32 : SAI_CR1_DS_24;
    const uint32_t clock = SAI_CR1_MCKDIV(format->clock_divisor) | SAI_CR1_CKSTR;

    SAI(SAI_NUMBER, block, SAI_CR1) = clock | bits | role | direction;
    SAI(SAI_NUMBER, block, SAI_CR2) = 0;
    SAI(SAI_NUMBER, block, SAI_FRCR) = SAI_FRCR_FRL(FRAME_BITS) | SAI_FRCR_FSALL(SLOT_BITS)
        | SAI_FRCR_FSDEF_CHANNEL_SIDE | FRAME_EDGES;
    SAI(SAI_NUMBER, block, SAI_SLOTR) =
        SAI_SLOTR_SLOTSZ_32 | SAI_SLOTR_NBSLOT(SLOTS) | SAI_SLOTR_SLOTEN_ALL;
}

/* A transmitter must not start with nothing to send. */
static bool has_first_word(uint32_t block)
{
    uint32_t reads = 0;

    while ((SAI(SAI_NUMBER, block, SAI_SR) & SAI_SR_FLVL_MASK) == 0u && reads < FIRST_WORD_READS) {
        reads++;
    }
    return reads < FIRST_WORD_READS;
}

bool sai_start(uint32_t block, bool receives)
{
    SAI(SAI_NUMBER, block, SAI_CR1) = SAI(SAI_NUMBER, block, SAI_CR1) | SAI_CR1_DMAEN;
    const bool is_ready = receives || has_first_word(block);
    if (is_ready) {
        SAI(SAI_NUMBER, block, SAI_CR1) = SAI(SAI_NUMBER, block, SAI_CR1) | SAI_CR1_SAIEN;
    }
    return is_ready;
}

bool sai_stop(uint32_t block)
{
    SAI(SAI_NUMBER, block, SAI_CR1) = SAI(SAI_NUMBER, block, SAI_CR1) & ~SAI_CR1_SAIEN;
    return wait_for(&SAI(SAI_NUMBER, block, SAI_CR1), SAI_CR1_SAIEN, 0);
}

void sai_detach_dma(uint32_t block)
{
    SAI(SAI_NUMBER, block, SAI_CR1) = SAI(SAI_NUMBER, block, SAI_CR1) & ~SAI_CR1_DMAEN;
}

void sai_flush(uint32_t block)
{
    SAI(SAI_NUMBER, block, SAI_CR2) = SAI_CR2_FFLUSH;
    SAI(SAI_NUMBER, block, SAI_CLRFR) = SAI_CLRFR_ALL;
}
