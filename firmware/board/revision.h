/*
 * Which revision of the Daisy Seed it is.
 */
#ifndef REVISION_H
#define REVISION_H

enum board_revision {
    BOARD_SEED_REV4, /* AK4556 */
    BOARD_SEED_1_1,  /* WM8731 */
    BOARD_SEED2_DFM, /* PCM3060, its pin is the de-emphasis */
    BOARD_SEED_1_2,  /* PCM3060, its pin is the reset */
    BOARD_SEED3      /* TAC5242, 32 bits */
};

/* Read from the straps; the tick runs. */
enum board_revision board_revision(void);

#endif
