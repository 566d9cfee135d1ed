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

#define LADDER_WORDS 24u

/* Words of the caller's stack that one of the arguments points to, LADDER_WORDS at most. */
struct ladder_words {
    uint32_t at; /* which argument: those in registers come first */
    uint32_t count;
    const uint32_t *words;
};

/* What is done before the runs of a rung, or before each of them. */
enum ladder_prepare {
    LADDER_WARM,  /* one run that does not count */
    LADDER_COLD,  /* both caches are emptied before each run */
    LADDER_BLOCK, /* from the model's start state on, every run counts */
    LADDER_KERNEL /* from the model's start state on, but for one run */
};

struct ladder_rung {
    enum ladder_prepare prepare;
    uint32_t model; /* which; of no meaning where it is nobody's */
    uint32_t runs;
    struct measure_call call;
    const struct ladder_words *given; /* NULL: nothing of the stack */
};

struct ladder_span {
    uint32_t least;
    uint32_t most;
};

#endif
