/*
 * What the lights show. They do not lie: one that says the effect is heard is lit while it is, and
 * a late block is seen for CONTROLS_LATE_TICKS.
 */
#ifndef LIGHTS_H
#define LIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIGHTS_COLOURS 3u /* red, green, blue */

/* Lamps by what they show. */
struct light_lamps {
    uint32_t heard;            /* lit while the effect is heard */
    uint32_t late;             /* while a block was late a short time ago */
    uint32_t heard_in_time;    /* while the effect is heard and no block was late */
    uint32_t bypassed_in_time; /* while it is bypassed and none was */
    uint32_t flickers;         /* flicker while one was */
    uint32_t counts;           /* blink as often as the capture's number says, then pause */
    uint32_t colours[LIGHTS_COLOURS]; /* of lights whose colour tells the capture */
};

/* Of a capture. */
struct light_capture {
    uint32_t lamps;  /* that are its own */
    uint8_t blinks;  /* of lights that count; 0: they are lit all the time */
    uint8_t colours; /* which of red (1), green (2) and blue (4) */
    uint8_t laps;    /* blinks of its colour; 0: it is lit all the time */
};

struct blinking {
    uint32_t blink; /* the pause comes behind the last */
    uint32_t ticks;
};

struct lights {
    uint32_t late_ticks; /* left */
    uint32_t flicker_ticks;
    bool is_flicker_lit;
    size_t capture;
    struct blinking number;
    struct blinking lap;
};

struct light_state {
    bool is_heard;
    bool is_late;
    size_t capture;
};

void lights_begin(struct lights *lights);
/* The lamps that are lit. `captures`: one row for each. */
uint32_t lights_tick(struct lights *lights, const struct light_lamps *lamps,
                     const struct light_capture *captures, struct light_state state);

#endif
