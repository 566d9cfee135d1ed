/*
 * How the processor begins, and begins again.
 */
#ifndef RESET_H
#define RESET_H

/* The first instruction; goes on in `start`. */
void reset_entry(void);
/* The whole chip, as by the reset pin. */
__attribute__((noreturn)) void processor_reset(void);

#endif
