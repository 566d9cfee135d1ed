/*
 * The audio interface without its DMA, on purpose: the receiver's words run over, the transmitter
 * runs out of words.
 */
#ifndef OVERRUN_H
#define OVERRUN_H

#include <stdint.h>

#include "board/revision.h"

#define OVERRUN_NEVER UINT32_MAX

enum overrun_direction { OVERRUN_RECEIVER, OVERRUN_TRANSMITTER, OVERRUN_DIRECTIONS };

/*
 * Without DMA until both directions have reported it, or for so many cycles. What comes back: after
 * how many cycles each did; OVERRUN_NEVER: it did not.
 */
void overrun_force(uint32_t most_cycles, uint32_t *cycles);
/* Both directions anew, in step; with interrupts off. */
void overrun_mend(enum board_revision revision);

#endif
