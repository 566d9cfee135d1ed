/*
 * The serial flash behind QUADSPI: the data sheet of ISSI's IS25LP064A. What is used of it is what
 * such chips of all makers have.
 */
#ifndef NOR_FLASH_H
#define NOR_FLASH_H

#include "core/registers/register.h"

#define NOR_PROGRAM 0x02u
#define NOR_READ 0x03u
#define NOR_READ_STATUS 0x05u
#define NOR_WRITE_ENABLE 0x06u
#define NOR_ERASE_SECTOR 0x20u
#define NOR_RESET_ENABLE 0x66u
#define NOR_RESET 0x99u
#define NOR_IDENTIFY 0x9Fu

#define NOR_STATUS_BUSY BIT(0)
/* Maker, kind, and the logarithm of the size. */
#define NOR_IDENTITY_BYTES 3u
#define NOR_IDENTITY_SIZE_SHIFT 16u
#define NOR_SIZE_8_MB 0x17u
#define NOR_SIZE_16_MB 0x18u

#endif
