/*
 * Where the processor reads ahead by default: Armv7-M Architecture Reference Manual, section B3.1.
 */
#ifndef MEMORY_MAP_H
#define MEMORY_MAP_H

/* Two windows of external RAM, of the same size. */
#define EXTERNAL_RAM_LOW 0x60000000u
#define EXTERNAL_RAM_HIGH 0x80000000u
#define EXTERNAL_RAM_BYTES 0x20000000u

#endif
