/*
 * Set by its pins; no reset, no bus.
 */
#ifndef TAC5242_H
#define TAC5242_H

#include <stdbool.h>

bool tac5242_start(void);

#endif
