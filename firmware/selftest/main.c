/*
 * The self-test: measure, play and listen, then tell, until the power is cut.
 */
#include "chip/hooks.h"

#include <stdbool.h>
#include <stddef.h>

#include "board/audio.h"
#include "board/codec.h"
#include "board/led.h"
#include "board/revision.h"
#include "chip/pins.h"
#include "chip/watchdog.h"
#include "codec/codec_mute.h"
#include "core/processor.h"
#include "selftest/afsk.h"
#include "selftest/check.h"
#include "selftest/entry.h"
#include "selftest/ladder.h"
#include "selftest/loops.h"
#include "selftest/measure.h"
#include "selftest/overrun.h"
#include "selftest/player.h"
#include "selftest/slow_memory.h"
#include "selftest/verdict.h"
#include "selftest_plan.h"

#define WORD_BYTES 4u
#define BYTE_BITS 8u
#define BYTE_MASK 0xFFu
#define RULE_SHIFT 16u
#define HUNDREDTHS 100u
/* While there is nothing to tell yet, a short light every second. */
#define BLOCKS_PER_S (PEDAL_SAMPLE_RATE_HZ / PEDAL_BLOCK_FRAMES)
#define ALIVE_BLOCKS (BLOCKS_PER_S / 8u)

SLOW_MEMORY static uint32_t results[RESULT_WORDS];
SLOW_MEMORY static uint8_t message[WORD_BYTES * RESULT_WORDS + WORD_BYTES];
static uint32_t hundredths;
static bool has_passed;

/* Where a relay would let the guitar past, or a mute is a pin of the board. */
static void output_open(void)
{
#if SELFTEST_DRIVEN
    static const struct {
        char port;
        unsigned number;
        bool is_high;
    } driven[SELFTEST_DRIVEN] = { SELFTEST_DRIVEN_ROWS };

    for (size_t i = 0; i < SELFTEST_DRIVEN; i++) {
        const struct pin line = { .port = driven[i].port, .number = driven[i].number,
                                  .mode = PIN_OUTPUT };

        pin_init_output(&line, driven[i].is_high);
    }
#endif
}

static void note_entry(enum board_revision revision)
{
    const uint32_t *const state = entry_state();

    for (size_t i = 0; i < RESULT_HEADER_WORDS; i++) {
        results[i] = selftest_header[i];
    }
    for (size_t i = 0; i < ENTRY_WORDS; i++) {
        results[RESULT_ENTRY + i] = state[i];
    }
    results[RESULT_REVISION] = (uint32_t)revision;
}

static void note_checks(void)
{
    has_passed = true;
    for (uint32_t model = 0; model < SELFTEST_MODELS; model++) {
        const uint32_t found = check_output(model);

        results[RESULT_CHECKS + model] = found;
        has_passed = has_passed && found == selftest_checks[model];
    }
}

/* A rule is ten copies of its instructions: the long run less the short one. */
static void note_rules(void)
{
    for (size_t i = 0; i < SELFTEST_RULES; i++) {
        const struct ladder_span few = ladder_measure(2u * i);
        const struct ladder_span many = ladder_measure(2u * i + 1u);

        results[RESULT_RULES + i] =
            (many.least - few.least) | ((many.most - few.most) << RULE_SHIFT);
    }
}

static void note_rungs(void)
{
    for (size_t i = 0; i < SELFTEST_RUNGS; i++) {
        const struct ladder_span span = ladder_measure(2u * SELFTEST_RULES + i);

        results[RESULT_MEASURED + 2u * i] = span.least;
        results[RESULT_MEASURED + 2u * i + 1u] = span.most;
        results[RESULT_PREDICTED + i] = selftest_predicted[i];
    }
    hundredths = results[RESULT_MEASURED + 2u * SELFTEST_TOLD + 1u] * HUNDREDTHS
        / selftest_predicted[SELFTEST_TOLD];
}

static void send(void)
{
    player_report(results);
    has_passed = has_passed && results[RESULT_ERRORS_COUNTED] == 0u
        && results[RESULT_ERRORS_COUNTED + 1u] == 0u && results[RESULT_ERRORS_COUNTED + 2u] == 0u
        && results[RESULT_ERRORS_FORCED] != 0u
        && results[RESULT_ERRORS_FORCED + 1u] >= OVERRUN_DIRECTIONS;
    for (size_t i = 0; i < WORD_BYTES * RESULT_WORDS; i++) {
        message[i] = (uint8_t)((results[i / WORD_BYTES] >> (BYTE_BITS * (i % WORD_BYTES)))
                               & BYTE_MASK);
    }
    afsk_put_word(&message[WORD_BYTES * RESULT_WORDS],
                  afsk_check(0u, message, WORD_BYTES * RESULT_WORDS));
    player_send(message, sizeof message);
}

static void mend(enum board_revision revision)
{
    interrupts_off();
    overrun_mend(revision);
    player_mended();
    interrupts_on();
}

/* The audio interrupt lights it, too; this is so soon after it that nobody sees. */
static void show(uint32_t blocks)
{
    if (player_phase() == PLAYER_SEND) {
        led_set(verdict_lit(hundredths, has_passed, blocks));
    } else {
        led_set(blocks % BLOCKS_PER_S < ALIVE_BLOCKS);
    }
}

static void measure_all(enum board_revision revision)
{
    measure_init();
    loops_init();
    note_entry(revision);
    note_checks();
    note_rules();
    note_rungs();
}

int main(void)
{
    const enum board_revision revision = board_revision();
    uint32_t seen = 0;

    measure_all(revision);
    codec_init(revision);
    audio_start(revision);
    codec_unmute();
    output_open();
    watchdog_start();
    for (;;) {
        const uint32_t blocks = audio_blocks();

        show(blocks);
        if (player_phase() == PLAYER_MEND) {
            mend(revision);
        } else if (player_phase() == PLAYER_FINISH) {
            send();
        } else {
            /* The interrupt does it all. */
        }
        if (blocks != seen) {
            seen = blocks;
            watchdog_feed();
        } else if (player_phase() == PLAYER_SLEEP) {
            wait_for_interrupt();
        } else {
            /* Between two blocks it spins, as a pedal does. */
        }
    }
}
