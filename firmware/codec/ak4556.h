/*
 * Set by its pins; its reset is the pin `codec`.
 */
#ifndef AK4556_H
#define AK4556_H

#include <stdbool.h>

bool ak4556_start(void);

#endif
