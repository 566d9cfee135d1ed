/*
 * Records in the serial flash, one after the other: the newest counts.
 *
 * Two sectors take turns. A sector is erased when the other is full, so that what was written last
 * stays until something newer is whole, whenever the power goes; 128 records wear it once.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

/* Between what others keep there; the Daisy bootloader and its programs end before it. */
#define JOURNAL_ADDRESS 0x7F8000u
#define JOURNAL_SECTORS 2u
#define JOURNAL_SLOT_BYTES 32u

/* Two milliseconds. The newest record, and the newest of one image; both may be none. */
struct journal_found {
    bool has_newest;
    struct record newest;
    bool has_own;
    struct record own;
};

void journal_open(uint32_t image, struct journal_found *found);
/* Whether it has nothing to do; also when there is no flash. */
bool journal_is_idle(void);
/* Begin to write one; only when idle. */
void journal_append(const struct record *record);
/* From the main loop, with the time in some unit: a few microseconds each. */
void journal_step(uint32_t now, uint32_t patience);

#endif
