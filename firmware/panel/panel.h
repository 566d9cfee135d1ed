/*
 * The panel of a board: its knobs, switches, lights, relay and mute, at the pins that
 * panel_wiring.h has.
 */
#ifndef PANEL_H
#define PANEL_H

#include <stdbool.h>

#include "controls/panel_io.h"

/*
 * The guitar past the effect, muted, all lamps dark; pins and ADC ready to be read. False when the
 * ADC does not start.
 */
bool panel_init(void);
/* Whether a footswitch of the update mode's combination is held, for 20 ms. */
bool panel_update_is_held(void);
/* All but `late`. */
void panel_read(struct panel_inputs *in);
void panel_show(const struct panel_outputs *out);

/*
 * For a fault, whatever was set up before: the guitar past the effect, heard; all lamps dark. Then
 * the lamp that tells the status blinks. Neither calls into instruction memory.
 */
void panel_safe(void);
void panel_show_fault(bool is_lit);

#endif
