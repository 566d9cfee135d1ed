/*
 * From reset to main: a quiet machine, and memory as C expects it.
 */
#ifndef STARTUP_H
#define STARTUP_H

/* What `start` calls, in this order: the board's, before any interrupt comes, and the pedal's. */
void board_init(void);
int main(void);

#endif
