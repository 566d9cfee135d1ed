/*
 * SAI and DMA1: both directions run in circles over two blocks each; when one block has come in,
 * the chain turns it into the block that goes out next. Latency: two blocks.
 *
 *             the codec sends to B      the codec sends to A
 *   block A   transmits (SA)            receives (SA)
 *   block B   receives (SB)             transmits (SB)
 *
 * Either block may be the master; the description of the board says which, and of which SAI. DMA1
 * stream 0 serves block A, stream 1 block B.
 */
#include "audio.h"

#include <stdbool.h>
#include <stddef.h>

#include "board/fault.h"
#include "board/led.h"
#include "board_wiring.h"
#include "chip/dma.h"
#include "chip/pins.h"
#include "chip/registers/rcc.h"
#include "chip/sai.h"
#include "core/processor.h"
#include "core/sections.h"
#include "pedal/control.h"
#include "pedal/pedal.h"

#define BLOCK_FRAMES ((uint32_t)PEDAL_BLOCK_FRAMES)
#define BLOCK_WORDS (PEDAL_CHANNELS * BLOCK_FRAMES)
#define RING_WORDS (2u * BLOCK_WORDS)
#define MS_PER_S 1000u
#define FRAMES_IN_MS(ms) (PEDAL_SAMPLE_RATE_HZ / MS_PER_S * (ms))
#define BLOCKS_IN_MS(ms) ((FRAMES_IN_MS(ms) + BLOCK_FRAMES - 1u) / BLOCK_FRAMES)
#define STREAMS 2u
#define MASTER_CLOCK_DIVISOR 1u
#define DMA_ERRORS (DMA_FLAG_ERROR | DMA_FLAG_DIRECT_ERROR)
#define DMA_BLOCK_EVENTS (DMA_FLAG_HALF | DMA_FLAG_COMPLETE)
/* Below the faults and the voltage detector, above everything else. */
#define AUDIO_PRIORITY 0x10u
/* Long enough to be seen. */
#define DARK_MS 250u
/* The rest of the block in which it was late, and a whole one for the main loop. */
#ifndef PEDAL_SKIPPED_AFTER_LATE
#define PEDAL_SKIPPED_AFTER_LATE 2u
#endif
#define RESTARTS_PER_SECOND 8u

struct wiring {
    uint32_t receiver; /* the block of the SAI that the codec sends to; it takes from the other */
    enum pedal_words words;
};

#define WIRING(name, strap, codec, block, format) { .receiver = (block), .words = (format) },

static const struct wiring wirings[BOARD_REVISION_COUNT] = { BOARD_REVISIONS(WIRING) };

DMA_MEMORY static int32_t audio_received[RING_WORDS];
DMA_MEMORY static int32_t audio_to_send[RING_WORDS];

static uint32_t receiving_stream;
static volatile uint32_t blocks;
static volatile uint32_t late_blocks;
static volatile uint32_t slips;
static volatile uint32_t restarts;
static uint32_t blocks_to_skip;
static uint32_t dark_blocks;
static bool is_troubled; /* since the controls were told */
static uint32_t second_began; /* at this block */
static uint32_t restarts_in_second;

uint32_t audio_blocks(void)
{
    return blocks;
}

uint32_t audio_late_blocks(void)
{
    return late_blocks;
}

uint32_t audio_slips(void)
{
    return slips;
}

uint32_t audio_restarts(void)
{
    return restarts;
}

/* The transmitter goes on, with zeros: a codec that loses its clock may click. */
void audio_silence(void)
{
    for (uint32_t i = 0; i < RING_WORDS; i++) {
        *(volatile int32_t *)&audio_to_send[i] = 0;
    }
    data_barrier();
}

/* Dark from now on, until everything has been in time for a while. */
ITCM_CODE static void show_trouble(void)
{
    dark_blocks = BLOCKS_IN_MS(DARK_MS) + 3u; /* the late one and those right after are short */
    is_troubled = true;
}

/* From the interrupt, since it may be all that runs. */
ITCM_CODE static void show_state(void)
{
    if (dark_blocks > 0u) {
        dark_blocks--;
    }
    led_set(dark_blocks == 0u);
}

/*
 * A late block is torn: part of what went out is two blocks old. The next ones are the guitar as it
 * came, which takes no time, so that the main loop also runs when the chain is too slow for good.
 */
ITCM_CODE static void note_late(void)
{
    late_blocks = late_blocks + 1u;
    blocks_to_skip = PEDAL_SKIPPED_AFTER_LATE;
    show_trouble();
}

/*
 * The receiver lost a word, or the transmitter had none; both go on at the same slot by themselves
 * (RM0433, chapter 51).
 */
ITCM_CODE static void note_slips(void)
{
    for (uint32_t block = 0; block < STREAMS; block++) {
        if (sai_has_slipped(block)) {
            slips = slips + 1u;
            show_trouble();
        }
    }
}

/* The half a stream's DMA is in. */
ITCM_CODE static uint32_t half_at(uint32_t stream)
{
    return dma_words_left(stream) > BLOCK_WORDS ? 0u : 1u;
}

/* When both halves are reported, the last one was missed; the position tells which it was. */
ITCM_CODE static uint32_t finished_half(uint32_t flags)
{
    if ((flags & DMA_BLOCK_EVENTS) == DMA_BLOCK_EVENTS) {
        note_late();
        return 1u - half_at(receiving_stream);
    }
    return (flags & DMA_FLAG_COMPLETE) != 0u ? 1u : 0u;
}

/*
 * The transmitter has come to the half that was just written, or the receiver has finished another.
 * The transmitter fetches ahead, so its position is the stricter of the two; where a block is no
 * longer than what it fetches, its position says nothing.
 */
ITCM_CODE static bool is_too_late(uint32_t half)
{
    data_barrier();
    if ((dma_flags(receiving_stream) & DMA_BLOCK_EVENTS) != 0u) {
        return true;
    }
    return BLOCK_FRAMES > TRANSMIT_LOOKAHEAD_FRAMES && half_at(1u - receiving_stream) == half;
}

ITCM_CODE static void block_finished(uint32_t flags)
{
    const uint32_t half = finished_half(flags);
    const uint32_t first = half * BLOCK_WORDS;

    note_slips();
    if (blocks_to_skip > 0u) {
        blocks_to_skip--;
        pedal_skip(&audio_received[first], &audio_to_send[first], BLOCK_FRAMES);
    } else {
        pedal_process(&audio_received[first], &audio_to_send[first], BLOCK_FRAMES);
        if (is_too_late(half)) {
            note_late();
        }
    }
    blocks = blocks + 1u;
    show_state();
    pedal_control(BLOCK_FRAMES, is_troubled);
    is_troubled = false;
}

static void audio_restart(void);

ITCM_CODE static void stream_interrupt(uint32_t stream)
{
    const uint32_t flags = dma_flags(stream);

    dma_clear(stream, flags);
    if ((flags & DMA_ERRORS) != 0u) {
        audio_restart();
    } else if (stream == receiving_stream && (flags & DMA_BLOCK_EVENTS) != 0u) {
        block_finished(flags);
    } else {
        /* The transmitter is where it is; the receiver's blocks set the pace. */
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

static void require(bool is_so)
{
    if (!is_so) {
        fault_stop(FAULT_AUDIO);
    }
}

static void stream_start(uint32_t stream)
{
    const bool receives = stream == receiving_stream;
    const struct dma_circle circle = {
        .request = stream == 0u ? DMAMUX1_SAI_A(SAI_NUMBER) : DMAMUX1_SAI_B(SAI_NUMBER),
        .peripheral = SAI_ADDRESS(SAI_NUMBER, stream, SAI_DR),
        .memory = receives ? audio_received : audio_to_send,
        .words = RING_WORDS,
        .receives = receives,
    };

    require(dma_stop(stream));
    dma_start(stream, &circle, AUDIO_PRIORITY);
    require(sai_start(stream, receives));
}

/* The master is the first. */
static uint32_t block_in_turn(uint32_t turn)
{
    return turn ^ SAI_MASTER;
}

/* The slave needs the master's clock to end its frame, so it stops first. */
static void streams_stop(void)
{
    for (uint32_t turn = STREAMS; turn-- > 0u;) {
        const uint32_t block = block_in_turn(turn);
        require(sai_stop(block));
        sai_detach_dma(block);
        require(dma_stop(block));
    }
    for (uint32_t block = 0; block < STREAMS; block++) {
        sai_flush(block);
    }
}

/* The slave waits for the master's clock, so it goes first. */
static void streams_start(void)
{
    for (uint32_t turn = STREAMS; turn-- > 0u;) {
        stream_start(block_in_turn(turn));
    }
}

/* After a DMA error both directions begin anew, in step; what fails all the time is given up. */
static void audio_restart(void)
{
    if (blocks - second_began >= BLOCKS_IN_MS(MS_PER_S)) {
        second_began = blocks;
        restarts_in_second = 0;
    }
    restarts_in_second++;
    if (restarts_in_second > RESTARTS_PER_SECOND) {
        fault_stop(FAULT_AUDIO);
    }
    restarts = restarts + 1u;
    show_trouble();
    show_state();
    streams_stop();
    audio_silence();
    pedal_fade_in();
    streams_start();
}

#define SAI_LINE(name) \
    { .port = name##_PORT, .number = name##_PIN, .mode = PIN_ALTERNATE, \
      .alternate = name##_ALTERNATE, .pull = PIN_PULL_UP, .speed = PIN_MEDIUM }

static void pins_start(void)
{
    static const struct pin lines[] = { SAI_LINE(SAI_MCLK), SAI_LINE(SAI_SB), SAI_LINE(SAI_FS),
                                        SAI_LINE(SAI_SCK), SAI_LINE(SAI_SA) };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        pin_init(&lines[i]);
    }
}

void audio_start(enum board_revision revision)
{
    const struct wiring *const wiring = &wirings[revision];

    receiving_stream = wiring->receiver;
    pedal_use(wiring->words);
    RCC_AHB1ENR = RCC_AHB1ENR | RCC_AHB1ENR_DMA1EN;
    RCC_APB2ENR = RCC_APB2ENR | RCC_APB2ENR_SAIEN(SAI_NUMBER);
    (void)RCC_APB2ENR;
    pins_start();
    for (uint32_t block = 0; block < STREAMS; block++) {
        const struct sai_format format = { .receives = block == receiving_stream,
                                           .has_32_bits = wiring->words != PEDAL_WORDS_24,
                                           .clock_divisor = MASTER_CLOCK_DIVISOR };
        sai_init(block, &format);
    }
    streams_start();
}
