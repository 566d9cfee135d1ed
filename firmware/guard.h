/*
 * Watching over the pedal from outside: the supply's voltage, and a watchdog.
 */
#ifndef GUARD_H
#define GUARD_H

/* Wait for the supply to be high enough to run fast, and be told when it no longer is. */
void supply_watch(void);
/* Wait for the supply to come back, then begin again. */
__attribute__((noreturn)) void supply_wait_and_reset(void);

/* From now on a second without `watchdog_feed` is a reset. */
void watchdog_start(void);
void watchdog_feed(void);

#endif
