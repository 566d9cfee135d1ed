/*
 * An audio interface: frames of two slots of 32 bits, left justified or as I2S has them. One block
 * is the master and makes the clock, the other its slave; which, the board's description says.
 */
#ifndef SAI_H
#define SAI_H

#include <stdbool.h>
#include <stdint.h>

#include "board_wiring.h"
#include "chip/registers/sai.h"

struct sai_format {
    bool receives;
    bool has_32_bits; /* else 24 */
    uint32_t clock_divisor; /* from the kernel's clock to the codec's master clock */
};

void sai_init(uint32_t block, const struct sai_format *format);
/* Its DMA runs already. False when a transmitter has nothing to send. */
bool sai_start(uint32_t block, bool receives);
/* At the end of a frame. False when that does not come. */
bool sai_stop(uint32_t block);
void sai_detach_dma(uint32_t block);
void sai_flush(uint32_t block);

/* Whether the receiver has lost a word, or the transmitter had none, since this was asked. */
static inline bool sai_has_slipped(uint32_t block)
{
    const bool has_slipped = (SAI(SAI_NUMBER, block, SAI_SR) & SAI_SR_OVRUDR) != 0u;

    if (has_slipped) {
        SAI(SAI_NUMBER, block, SAI_CLRFR) = SAI_CLRFR_OVRUDR;
    }
    return has_slipped;
}

#endif
