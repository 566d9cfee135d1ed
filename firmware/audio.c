/*
 * SAI1 and DMA1: both directions run in circles over two blocks each; when one block has come in,
 * the chain turns it into the block that goes out next. Latency: two blocks.
 *
 *             Seed rev4, Seed2 DFM      Seed 1.1
 *   block A   master, transmits (SA)    master, receives (SA)
 *   block B   slave, receives (SB)      slave, transmits (SB)
 *
 * DMA1 stream 0 serves block A, stream 1 block B.
 */
#include "board.h"
#include "pedal.h"
#include "stm32h750.h"

#define BLOCK_WORDS (PEDAL_CHANNELS * PEDAL_BLOCK_FRAMES)
#define RING_WORDS (2u * BLOCK_WORDS)
#define STREAMS 2u
#define STREAM_FLAG_BITS 6u
#define DMA_REQUEST_SAI1_A 87u
#define DMA_FCR_DIRECT_MODE 0x20u
#define SAI_FRAME 0x00031F3Fu /* 64 bit clocks, FS one slot long and high for the left slot */
#define SAI_SLOTS 0xFFFF0180u /* two slots of 32 bits, data first */
#define DMA_ERRORS (DMA_FLAG_ERROR | DMA_FLAG_DIRECT_ERROR)

DMA_MEMORY static int32_t audio_received[RING_WORDS];
DMA_MEMORY static int32_t audio_to_send[RING_WORDS];

static uint32_t receiving_stream;
static volatile uint32_t blocks;
static volatile uint32_t late_blocks;

uint32_t audio_blocks(void)
{
    return blocks;
}

uint32_t audio_late_blocks(void)
{
    return late_blocks;
}

/* The transmitter goes on, with zeros: a codec that loses its clock may click. */
void audio_silence(void)
{
    for (uint32_t i = 0; i < RING_WORDS; i++) {
        *(volatile int32_t *)&audio_to_send[i] = 0;
    }
    data_barrier();
}

/* When both halves are reported, the last one was missed; NDTR tells where the DMA is now. */
ITCM_CODE static uint32_t finished_half(uint32_t flags)
{
    if ((flags & DMA_FLAG_HALF) != 0u && (flags & DMA_FLAG_COMPLETE) != 0u) {
        late_blocks = late_blocks + 1u;
        return DMA1_STREAM(receiving_stream, DMA_NDTR) > BLOCK_WORDS ? 1u : 0u;
    }
    return (flags & DMA_FLAG_COMPLETE) != 0u ? 1u : 0u;
}

ITCM_CODE static void stream_interrupt(uint32_t stream)
{
    const uint32_t shift = stream * STREAM_FLAG_BITS;
    const uint32_t flags = (DMA1_LISR >> shift) & DMA_FLAGS_ALL;

    DMA1_LIFCR = flags << shift;
    if ((flags & DMA_ERRORS) != 0u) {
        board_stop(BOARD_FAULT_AUDIO);
    }
    if (stream == receiving_stream && (flags & (DMA_FLAG_HALF | DMA_FLAG_COMPLETE)) != 0u) {
        const uint32_t first = finished_half(flags) * BLOCK_WORDS;
        pedal_process(&audio_received[first], &audio_to_send[first], PEDAL_BLOCK_FRAMES);
        blocks = blocks + 1u;
    }
    /* The cleared flag and the samples must have arrived before the interrupt can come again. */
    data_barrier();
}

ITCM_CODE void audio_interrupt_a(void)
{
    stream_interrupt(0);
}

ITCM_CODE void audio_interrupt_b(void)
{
    stream_interrupt(1);
}

static void stream_start(uint32_t stream)
{
    const bool receives = stream == receiving_stream;
    int32_t *const ring = receives ? audio_received : audio_to_send;
    const uint32_t block_events = receives ? DMA_CR_HTIE | DMA_CR_TCIE : DMA_CR_TO_PERIPHERAL;
    const uint32_t control = DMA_CR_PL_HIGH | DMA_CR_MSIZE_32 | DMA_CR_PSIZE_32 | DMA_CR_MINC
        | DMA_CR_CIRC | DMA_CR_DMEIE | DMA_CR_TEIE | block_events;
    const uint32_t irq = IRQ_DMA1_STREAM0 + stream;

    DMA1_STREAM(stream, DMA_CR) = 0;
    if (!board_wait(&DMA1_STREAM(stream, DMA_CR), DMA_CR_EN, 0)) {
        board_stop(BOARD_FAULT_AUDIO);
    }
    DMA1_LIFCR = DMA_FLAGS_ALL << (stream * STREAM_FLAG_BITS);
    DMAMUX1_CCR(stream) = DMA_REQUEST_SAI1_A + stream;
    DMA1_STREAM(stream, DMA_NDTR) = RING_WORDS;
    DMA1_STREAM(stream, DMA_PAR) = SAI1_ADDRESS(stream, SAI_DR);
    DMA1_STREAM(stream, DMA_M0AR) = (uint32_t)(uintptr_t)ring;
    DMA1_STREAM(stream, DMA_FCR) = DMA_FCR_DIRECT_MODE;
    DMA1_STREAM(stream, DMA_CR) = control;
    NVIC_IPR(irq) = 0;
    NVIC_ISER(0) = BIT(irq);
    DMA1_STREAM(stream, DMA_CR) = control | DMA_CR_EN;
}

static void sai_configure(uint32_t block)
{
    const uint32_t direction = block == receiving_stream ? SAI_CR1_RECEIVE : 0u;
    const uint32_t role = block == 0u ? 0u : SAI_CR1_SLAVE | SAI_CR1_SYNC_INTERNAL;

    SAI1(block, SAI_CR1) = SAI_CR1_MCKDIV_4 | SAI_CR1_CKSTR | SAI_CR1_DS_24 | role | direction;
    SAI1(block, SAI_CR2) = 0;
    SAI1(block, SAI_FRCR) = SAI_FRAME;
    SAI1(block, SAI_SLOTR) = SAI_SLOTS;
}

static void sai_start(uint32_t block)
{
    SAI1(block, SAI_CR1) = SAI1(block, SAI_CR1) | SAI_CR1_DMAEN;
    if (block != receiving_stream) {
        /* A transmitter must not start with nothing to send. */
        for (uint32_t reads = 0; (SAI1(block, SAI_SR) & SAI_SR_FLVL_MASK) == 0u; reads++) {
            if (reads == 1000000u) {
                board_stop(BOARD_FAULT_AUDIO);
            }
        }
    }
    SAI1(block, SAI_CR1) = SAI1(block, SAI_CR1) | SAI_CR1_SAIEN;
}

void audio_start(enum board_revision revision)
{
    receiving_stream = revision == BOARD_SEED_1_1 ? 0u : 1u;
    RCC_AHB1ENR = RCC_AHB1ENR | BIT(0);
    RCC_APB2ENR = RCC_APB2ENR | BIT(22);
    (void)RCC_APB2ENR;
    for (unsigned number = 2; number <= 6; number++) {
        const struct pin pin = { .port = 'E', .number = number, .mode = PIN_ALTERNATE,
                                 .alternate = 6, .pull = PIN_PULL_UP, .speed = PIN_MEDIUM };
        board_pin(&pin);
    }
    for (uint32_t block = 0; block < STREAMS; block++) {
        sai_configure(block);
    }
    /* The slave waits for the master's clock, so it goes first. */
    for (uint32_t block = STREAMS; block-- > 0u;) {
        stream_start(block);
        sai_start(block);
    }
}
