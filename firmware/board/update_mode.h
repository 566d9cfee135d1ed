/*
 * Into the boot ROM, or into the bootloader that has started this image: both take a new one over
 * USB.
 */
#ifndef UPDATE_MODE_H
#define UPDATE_MODE_H

__attribute__((noreturn)) void board_update_mode(void);

#endif
