/*
 * Where there is room, and time does not matter: the fastest memory is full of models.
 */
#ifndef SLOW_MEMORY_H
#define SLOW_MEMORY_H

#define SLOW_MEMORY __attribute__((section(".axi_bss")))

#endif
