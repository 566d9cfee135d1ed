/*
 * Audio in circles: the codec's words through the pedal's chain, block by block.
 */
#ifndef AUDIO_H
#define AUDIO_H

#include <stdint.h>

#include "board/revision.h"

void audio_start(enum board_revision revision);
uint32_t audio_blocks(void);
/* Counts since the start, for a debugger and for what comes after this firmware. */
uint32_t audio_late_blocks(void);
uint32_t audio_slips(void);
uint32_t audio_restarts(void);
void audio_silence(void);
void audio_interrupt_a(void);
void audio_interrupt_b(void);

#endif
