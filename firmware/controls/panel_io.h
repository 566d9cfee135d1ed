/*
 * What goes to and fro between a board's panel and the controls, once per tick. Which bit is which
 * switch or lamp, and which code is which knob's, is the plan's (`namgen/controls/plan.py`).
 */
#ifndef PANEL_IO_H
#define PANEL_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PANEL_MOST_KNOBS 16u
#define PANEL_HIGHEST_CODE 65535u

struct panel_inputs {
    uint32_t closed;                  /* switches that are pressed or closed */
    uint16_t codes[PANEL_MOST_KNOBS]; /* voltages at the knobs, 0 to PANEL_HIGHEST_CODE */
    bool late;                        /* a block was, since the last tick */
};

struct panel_outputs {
    uint32_t lit;   /* lamps; a light of three colours has three */
    bool effect;    /* the relay: the effect is heard, not the guitar past it */
    bool mute;      /* nothing is heard */
    bool update;    /* the update mode is wanted */
    size_t capture; /* that is chosen, counted from 0 */
};

#endif
