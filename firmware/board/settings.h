/*
 * What was chosen last, for the next time: in the serial flash, and at once in backup SRAM, which a
 * reset leaves alone and a loss of power does not. An image that executes from the flash cannot
 * write it: it has the backup SRAM alone.
 *
 * Nothing that is found there, or not found, keeps the pedal from starting.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#ifdef PEDAL_KEEPS_CAPTURE

/* PEDAL_KEEPS_CAPTURE: a number that tells this pedal's captures from those of another. */

#define SETTINGS_OFFSET 0xE00u /* in backup SRAM; the record of a stop is behind it */

/* Before audio: some two milliseconds. */
void settings_start(void);
/* That was chosen last; 0 when nobody knows. */
size_t settings_capture(void);
/* From the main loop, once a block or so: keeps what stays chosen for a second. */
void settings_step(size_t capture, uint32_t blocks);

#else

static inline void settings_start(void)
{
}

static inline size_t settings_capture(void)
{
    return 0;
}

static inline void settings_step(size_t capture, uint32_t blocks)
{
    (void)capture;
    (void)blocks;
}

#endif

#endif
