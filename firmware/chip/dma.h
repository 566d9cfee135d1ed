/*
 * Streams of DMA1 that run in a circle between one register and memory, and report halves.
 */
#ifndef DMA_H
#define DMA_H

#include <stdbool.h>
#include <stdint.h>

#include "chip/registers/dma.h"

struct dma_circle {
    uint32_t request;    /* DMAMUX1_... */
    uint32_t peripheral; /* address of its data register */
    int32_t *memory;
    uint32_t words;
    bool receives;  /* into memory, and then interrupts at each half; always on errors */
    bool is_silent; /* no interrupt, and all others' words go first */
};

/* Streams 0 to 3. False when the stream does not stand still. */
bool dma_stop(uint32_t stream);
/* One that stands still. */
void dma_start(uint32_t stream, const struct dma_circle *circle, uint8_t priority);
/* What has happened since it was cleared: DMA_FLAG_... */
uint32_t dma_flags(uint32_t stream);

static inline void dma_clear(uint32_t stream, uint32_t flags)
{
    DMA1_LIFCR = flags << DMA_FLAG_SHIFT(stream);
}

/* Words left until the end of the circle. */
static inline uint32_t dma_words_left(uint32_t stream)
{
    return DMA1_STREAM(stream, DMA_NDTR);
}

#endif
