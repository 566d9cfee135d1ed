/*
 * The serial flash at QUADSPI, on one line: one command at a time, each a few microseconds long.
 *
 * Not in an image that executes from this flash: a command would take it away.
 */
#ifndef QSPI_H
#define QSPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QSPI_SECTOR_BYTES 4096u
/* That one command may write, within a page of 256. */
#define QSPI_MOST_WORDS 8u

/* Whatever mode the chip is in, it listens afterwards. False: there is none that is known. */
bool qspi_start(void);
/* False: it has not answered, or is still at what it was told before. */
bool qspi_is_ready(void);
void qspi_read(uint32_t address, uint32_t *words, size_t count);
/* Both begin what `qspi_is_ready` tells the end of. */
void qspi_erase_sector(uint32_t address);
void qspi_program(uint32_t address, const uint32_t *words, size_t count);

#endif
