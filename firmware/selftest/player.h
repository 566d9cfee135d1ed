/*
 * What is played and listened to, phase after phase: it stands where a pedal has its signal chain.
 */
#ifndef PLAYER_H
#define PLAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pedal/pedal.h"

enum player_phase {
    PLAYER_LOOP,    /* a click left, a click right: when does it come back, and where */
    PLAYER_SPIN,    /* silence; what comes in while the processor spins */
    PLAYER_SLEEP,   /* and while it sleeps between blocks */
    PLAYER_LATE,    /* one block takes too long, on purpose */
    PLAYER_OVERRUN, /* for less than a block, the audio interface goes without its DMA */
    PLAYER_MEND,    /* the main program puts both directions in step again */
    PLAYER_SETTLE,
    PLAYER_COUNT,   /* 440 Hz left, 660 Hz right, and errors are counted */
    PLAYER_FINISH,  /* the main program collects what there is */
    PLAYER_SEND     /* results, for good */
};

/* In place of the functions of those names in pedal.h; the linker gives them these. */
void __wrap_pedal_process(const int32_t *in, int32_t *out, size_t frames);
void __wrap_pedal_skip(const int32_t *in, int32_t *out, size_t frames);
void __wrap_pedal_use(enum pedal_words words);
void __wrap_pedal_fade_in(void);

enum player_phase player_phase(void);
/* Both directions begin anew. */
void player_mended(void);
/* From now on `message` is sent. */
void player_send(const uint8_t *message, size_t bytes);
/* All that was found, into the words of the results. */
void player_report(uint32_t *words);

#endif
