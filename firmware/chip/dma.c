/*
 * A stream can only be set while it stands still (RM0433, section 15.5).
 */
#include "dma.h"

#include "chip/irq.h"
#include "core/processor.h"
#include "core/registers/nvic.h"
#include "core/sections.h"
#include "core/wait.h"

ITCM_CODE uint32_t dma_flags(uint32_t stream)
{
    return (DMA1_LISR >> DMA_FLAG_SHIFT(stream)) & DMA_FLAGS_ALL;
}

bool dma_stop(uint32_t stream)
{
    DMA1_STREAM(stream, DMA_CR) = 0;
    const bool stands = wait_for(&DMA1_STREAM(stream, DMA_CR), DMA_CR_EN, 0);
    dma_clear(stream, DMA_FLAGS_ALL);
    data_barrier();
    return stands;
}

static uint32_t control_of(const struct dma_circle *circle)
{
    const uint32_t direction = circle->receives ? 0u : DMA_CR_TO_PERIPHERAL;
    const uint32_t halves = circle->receives ? DMA_CR_HTIE | DMA_CR_TCIE : 0u;
    const uint32_t reports = DMA_CR_PL_HIGH | DMA_CR_DMEIE | DMA_CR_TEIE | halves;

    return DMA_CR_MSIZE_32 | DMA_CR_PSIZE_32 | DMA_CR_MINC | DMA_CR_CIRC | direction
        | (circle->is_silent ? 0u : reports);
}

void dma_start(uint32_t stream, const struct dma_circle *circle, uint8_t priority)
{
    const uint32_t control = control_of(circle);
    const uint32_t irq = IRQ_DMA1_STREAM0 + stream;

    DMAMUX1_CCR(stream) = circle->request;
    DMA1_STREAM(stream, DMA_NDTR) = circle->words;
    DMA1_STREAM(stream, DMA_PAR) = circle->peripheral;
    DMA1_STREAM(stream, DMA_M0AR) = (uint32_t)(uintptr_t)circle->memory;
    DMA1_STREAM(stream, DMA_FCR) = DMA_FCR_DIRECT_MODE;
    DMA1_STREAM(stream, DMA_CR) = control;
    if (!circle->is_silent) {
        NVIC_IPR(irq) = priority;
        NVIC_ISER(0u) = BIT(irq);
    }
    DMA1_STREAM(stream, DMA_CR) = control | DMA_CR_EN;
}
