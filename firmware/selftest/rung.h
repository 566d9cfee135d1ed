/*
 * What is measured, as data.
 */
#ifndef RUNG_H
#define RUNG_H

#include <stdint.h>

#define MEASURE_REGISTERS 4u
#define MEASURE_STACKED 4u

/* A function and what it is called with, by the procedure call standard. */
struct measure_call {
    uintptr_t target;
    uint32_t registers[MEASURE_REGISTERS];
    uint32_t stacked[MEASURE_STACKED];
};

#define LADDER_TAPS 16u

/* What is done before the runs of a rung, or before each of them. */
enum ladder_prepare {
    LADDER_WARM,  /* one run that does not count */
    LADDER_COLD,  /* both caches are emptied before each run */
    LADDER_SOUND, /* from the sound's start state on, every run counts */
    LADDER_LITE,  /* from the second model's */
    LADDER_NANO_KERNEL,
    LADDER_LITE_KERNEL
};

struct ladder_rung {
    enum ladder_prepare prepare;
    uint32_t runs;
    struct measure_call call;
    uint32_t taps_at; /* which argument points to `taps`; all of them are less: none does */
    uint32_t taps[LADDER_TAPS];
};

struct ladder_span {
    uint32_t least;
    uint32_t most;
};

#endif
