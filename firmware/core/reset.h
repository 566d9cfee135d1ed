/*
 * How the processor begins, and begins again.
 */
#ifndef RESET_H
#define RESET_H

/* The first instruction; goes on in `start`, which the chip has. */
void reset_entry(void);
__attribute__((noreturn)) void start(void);
/* The whole chip, as by the reset pin. */
__attribute__((noreturn)) void processor_reset(void);

#endif
