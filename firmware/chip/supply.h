/*
 * The supply's voltage.
 */
#ifndef SUPPLY_H
#define SUPPLY_H

/* Wait for the supply to be high enough to run fast, and be told when it no longer is. */
void supply_watch(void);
/* Wait for the supply to come back, then begin again. */
__attribute__((noreturn)) void supply_wait_and_reset(void);

#endif
