/*
 * Into the boot ROM, or into the bootloader that has started this image: both take a new one over
 * USB.
 */
#ifndef UPDATE_MODE_H
#define UPDATE_MODE_H

#include "board_wiring.h"

#ifdef BOOT0_PIN

__attribute__((noreturn)) void board_update_mode(void);

#else

/* There is no way to it that is known, and so no panel that asks for it. */
static inline void board_update_mode(void)
{
}

#endif

#endif
