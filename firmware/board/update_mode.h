/*
 * Into the boot ROM, which takes a new image over USB.
 */
#ifndef UPDATE_MODE_H
#define UPDATE_MODE_H

__attribute__((noreturn)) void board_update_mode(void);

#endif
