/*
 * Which revision of the board it is: they differ in codec, in wiring, and in how they are told.
 */
#ifndef REVISION_H
#define REVISION_H

#include "board_wiring.h"

#define BOARD_REVISION_NAME(name, strap, codec, receiver, words) BOARD_##name,

enum board_revision { BOARD_REVISIONS(BOARD_REVISION_NAME) BOARD_REVISION_COUNT };

/* Read from the straps; the tick runs. */
enum board_revision board_revision(void);

#endif
