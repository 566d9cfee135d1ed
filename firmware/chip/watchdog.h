/*
 * The watchdog: whoever hangs is reset.
 */
#ifndef WATCHDOG_H
#define WATCHDOG_H

/* From now on a second without `watchdog_feed` is a reset. */
void watchdog_start(void);
void watchdog_feed(void);

#endif
