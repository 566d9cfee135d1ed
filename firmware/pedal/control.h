/*
 * Between the panel and the sound: the controls, once per tick.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#ifdef PEDAL_HAS_PANEL

/*
 * After `pedal_reset`: what knobs, switches and toggles say from the first block on. Starts the
 * update mode instead, when a footswitch for it is held. `capture` was chosen last.
 */
void pedal_control_start(size_t capture);
/* At the end of every block, in the audio interrupt. */
void pedal_control(size_t frames, bool late);
/* The capture that is chosen. */
size_t pedal_control_capture(void);

#else

static inline void pedal_control_start(size_t capture)
{
    (void)capture;
}

static inline void pedal_control(size_t frames, bool late)
{
    (void)frames;
    (void)late;
}

static inline size_t pedal_control_capture(void)
{
    return 0;
}

#endif

#endif
