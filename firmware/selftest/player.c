#include "player.h"

#include "board/audio.h"
#include "chip/dma.h"
#include "core/sections.h"
#include "selftest/afsk.h"
#include "selftest/measure.h"
#include "selftest/overrun.h"
#include "selftest/slow_memory.h"
#include "selftest_plan.h"

#define CHANNELS PEDAL_CHANNELS
#define CODE_SHIFT 8u /* of 24 bits in a word of 32 */
#define BLOCKS_PER_S (PEDAL_SAMPLE_RATE_HZ / PEDAL_BLOCK_FRAMES)
#define STEP(tone_hz) ((uint32_t)(((uint64_t)(tone_hz) << 32) / PEDAL_SAMPLE_RATE_HZ))
#define LEFT_HZ 440u
#define RIGHT_HZ 660u

#define LOOP_BLOCKS 200u /* for each of the two clicks */
#define LOOP_CLICK 4194304 /* half of full scale */
#define LOOP_HEARD 262144 /* a 32nd of full scale */
#define LOOP_QUIET_BLOCKS 100u
#define NOISE_BLOCKS (1u << SELFTEST_NOISE_SHIFT)
#define WORD_BITS 32u
#define COUNT_BLOCKS (SELFTEST_COUNT_SECONDS * BLOCKS_PER_S)
#define FORCED_BLOCKS 200u /* of each phase in which something goes wrong */
#define FORCED_AT 100u
#define OVERRUN_CYCLES (SELFTEST_BLOCK_CYCLES / 2u)
#define LATE_BLOCKS_LONG 3u

/* What came in during a phase, of a channel. */
struct input {
    int64_t sum;
    uint64_t squares;
    int64_t at[PEDAL_BLOCK_FRAMES]; /* sums over blocks, by the place in them */
};

static volatile enum player_phase phase_now;
static uint32_t blocks_passed; /* in the phase */
static enum pedal_words words_of_codec;
static uint32_t phases[CHANNELS];
SLOW_MEMORY static struct input inputs[CHANNELS];
static uint32_t heard_after[CHANNELS][CHANNELS]; /* from, to; frames */
SLOW_MEMORY static uint32_t noise_found[RESULT_NOISE_WORDS];
static uint32_t words_left_least[CHANNELS]; /* of streams 0 and 1, when a block begins */
static uint32_t words_left_most[CHANNELS];
static uint32_t errors_before[RESULT_ERRORS_WORDS];
static uint32_t errors_forced[RESULT_ERRORS_WORDS];
static uint32_t errors_counted[RESULT_ERRORS_WORDS];
static uint32_t overrun_cycles[OVERRUN_DIRECTIONS]; /* until it was reported */
static uint32_t blocks_at_count;

enum player_phase player_phase(void)
{
    return phase_now;
}

static int32_t code_in(const int32_t *frame, size_t channel)
{
    if (words_of_codec == PEDAL_WORDS_24) {
        return (int32_t)((uint32_t)frame[channel] << CODE_SHIFT) / (1 << CODE_SHIFT);
    }
    return frame[1u - channel] / (1 << CODE_SHIFT);
}

static void code_out(int32_t *frame, size_t channel, int32_t code)
{
    if (words_of_codec == PEDAL_WORDS_24) {
        frame[channel] = code;
    } else {
        frame[1u - channel] = (int32_t)((uint32_t)code << CODE_SHIFT);
    }
}

static void both_out(int32_t *out, size_t frames, int32_t left, int32_t right)
{
    for (size_t i = 0; i < frames; i++) {
        code_out(&out[CHANNELS * i], 0, left);
        code_out(&out[CHANNELS * i], 1, right);
    }
}

/* ---- clicks */

static void loop_listen(const int32_t *in, size_t frames, size_t from)
{
    const uint32_t since = (blocks_passed % LOOP_BLOCKS - LOOP_QUIET_BLOCKS) * PEDAL_BLOCK_FRAMES;

    for (size_t channel = 0; channel < CHANNELS; channel++) {
        for (size_t i = 0; i < frames; i++) {
            const int32_t code = code_in(&in[CHANNELS * i], channel);
            const bool is_heard = code > LOOP_HEARD || code < -LOOP_HEARD;

            if (is_heard && heard_after[from][channel] == UINT32_MAX) {
                heard_after[from][channel] = since + (uint32_t)i;
            }
        }
    }
}

static void loop_block(const int32_t *in, int32_t *out, size_t frames)
{
    const size_t from = blocks_passed / LOOP_BLOCKS;
    const uint32_t place = blocks_passed % LOOP_BLOCKS;

    both_out(out, frames, 0, 0);
    if (place == LOOP_QUIET_BLOCKS) {
        code_out(out, from, LOOP_CLICK);
    }
    if (place >= LOOP_QUIET_BLOCKS) {
        loop_listen(in, frames, from);
    }
}

/* ---- what comes in */

static void inputs_clear(void)
{
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        struct input *const input = &inputs[channel];

        input->sum = 0;
        input->squares = 0;
        for (size_t i = 0; i < PEDAL_BLOCK_FRAMES; i++) {
            input->at[i] = 0;
        }
    }
}

static void noise_block(const int32_t *in, int32_t *out, size_t frames)
{
    both_out(out, frames, 0, 0);
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        struct input *const input = &inputs[channel];

        for (size_t i = 0; i < frames; i++) {
            const int64_t code = code_in(&in[CHANNELS * i], channel);

            input->sum += code;
            input->squares += (uint64_t)(code * code);
            input->at[i] += code;
        }
    }
}

static void put_long(uint32_t *words, uint64_t number)
{
    words[0] = (uint32_t)number;
    words[1] = (uint32_t)(number >> WORD_BITS);
}

/* The power of a block that is the mean of all blocks. */
static uint64_t of_blocks(const struct input *input)
{
    uint64_t power = 0;

    for (size_t i = 0; i < PEDAL_BLOCK_FRAMES; i++) {
        const int64_t code = input->at[i] / (1 << SELFTEST_NOISE_SHIFT);

        power += (uint64_t)(code * code);
    }
    return power;
}

/* Of each channel, and of a block: sum, power, and power of what goes with the blocks. */
static void noise_finish(size_t turn)
{
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        const struct input *const input = &inputs[channel];
        uint32_t *const to = &noise_found[(turn * CHANNELS + channel) * RESULT_INPUT_WORDS];

        to[0] = (uint32_t)(int32_t)(input->sum / (1 << SELFTEST_NOISE_SHIFT));
        put_long(&to[1], input->squares >> SELFTEST_NOISE_SHIFT);
        put_long(&to[3], of_blocks(input));
    }
    inputs_clear();
}

/* ---- time and errors */

static void errors_now(uint32_t *to)
{
    to[0] = audio_late_blocks();
    to[1] = audio_slips();
    to[2] = audio_restarts();
}

static void errors_since(uint32_t *to, const uint32_t *before)
{
    errors_now(to);
    for (size_t i = 0; i < RESULT_ERRORS_WORDS; i++) {
        to[i] -= before[i];
    }
}

static void late_block(int32_t *out, size_t frames)
{
    const uint32_t began = measure_now();

    both_out(out, frames, 0, 0);
    while (blocks_passed == FORCED_AT
           && measure_now() - began < LATE_BLOCKS_LONG * SELFTEST_BLOCK_CYCLES) {
    }
}

static void overrun_block(int32_t *out, size_t frames)
{
    both_out(out, frames, 0, 0);
    if (blocks_passed == FORCED_AT) {
        overrun_force(OVERRUN_CYCLES, overrun_cycles);
    }
}

static void note_words_left(void)
{
    for (uint32_t stream = 0; stream < CHANNELS; stream++) {
        const uint32_t left = dma_words_left(stream);

        words_left_least[stream] =
            left < words_left_least[stream] ? left : words_left_least[stream];
        words_left_most[stream] = left > words_left_most[stream] ? left : words_left_most[stream];
    }
}

static void tones_block(int32_t *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        code_out(&out[CHANNELS * i], 0, afsk_sine(&phases[0], STEP(LEFT_HZ)));
        code_out(&out[CHANNELS * i], 1, afsk_sine(&phases[1], STEP(RIGHT_HZ)));
    }
}

static void send_block(int32_t *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        const int32_t code = afsk_next();

        code_out(&out[CHANNELS * i], 0, code);
        code_out(&out[CHANNELS * i], 1, code);
    }
}

/* ---- from phase to phase */

static void begin(void)
{
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        heard_after[0][channel] = UINT32_MAX;
        heard_after[1][channel] = UINT32_MAX;
        words_left_least[channel] = UINT32_MAX;
        words_left_most[channel] = 0;
    }
}

static void leave(enum player_phase left)
{
    if (left == PLAYER_SPIN || left == PLAYER_SLEEP) {
        noise_finish(left == PLAYER_SPIN ? 0u : 1u);
        errors_now(errors_before);
    } else if (left == PLAYER_OVERRUN) {
        errors_since(errors_forced, errors_before);
    } else if (left == PLAYER_SETTLE) {
        errors_now(errors_before);
        blocks_at_count = audio_blocks();
    } else if (left == PLAYER_COUNT) {
        errors_since(errors_counted, errors_before);
        blocks_at_count = audio_blocks() - blocks_at_count;
    } else {
        inputs_clear();
    }
}

static void step(uint32_t blocks_of_phase)
{
    blocks_passed++;
    if (blocks_passed == blocks_of_phase) {
        leave(phase_now);
        phase_now = (enum player_phase)(phase_now + 1);
        blocks_passed = 0;
    }
}

void __wrap_pedal_process(const int32_t *in, int32_t *out, size_t frames)
{
    switch (phase_now) {
    case PLAYER_LOOP:
        if (blocks_passed == 0u) {
            begin();
        }
        loop_block(in, out, frames);
        step(2u * LOOP_BLOCKS);
        break;
    case PLAYER_SPIN:
    case PLAYER_SLEEP:
        noise_block(in, out, frames);
        step(NOISE_BLOCKS);
        break;
    case PLAYER_LATE:
        late_block(out, frames);
        step(FORCED_BLOCKS);
        break;
    case PLAYER_OVERRUN:
        overrun_block(out, frames);
        step(FORCED_BLOCKS);
        break;
    case PLAYER_SETTLE:
        both_out(out, frames, 0, 0);
        step(FORCED_BLOCKS);
        break;
    case PLAYER_COUNT:
        note_words_left();
        tones_block(out, frames);
        step(COUNT_BLOCKS);
        break;
    case PLAYER_MEND:
    case PLAYER_FINISH:
        both_out(out, frames, 0, 0);
        break;
    default:
        send_block(out, frames);
        break;
    }
}

/* After a late block; time goes on. */
void __wrap_pedal_skip(const int32_t *in, int32_t *out, size_t frames)
{
    __wrap_pedal_process(in, out, frames);
}

void __wrap_pedal_use(enum pedal_words words)
{
    words_of_codec = words;
}

void __wrap_pedal_fade_in(void)
{
}

void player_mended(void)
{
    phase_now = PLAYER_SETTLE;
}

void player_send(const uint8_t *message, size_t bytes)
{
    afsk_begin(message, bytes);
    phase_now = PLAYER_SEND;
}

void player_report(uint32_t *words)
{
    for (size_t from = 0; from < CHANNELS; from++) {
        for (size_t to = 0; to < CHANNELS; to++) {
            words[RESULT_LOOP + CHANNELS * from + to] = heard_after[from][to];
        }
        words[RESULT_WORDS_LEFT + 2u * from] = words_left_least[from];
        words[RESULT_WORDS_LEFT + 2u * from + 1u] = words_left_most[from];
    }
    for (size_t i = 0; i < RESULT_NOISE_WORDS; i++) {
        words[RESULT_NOISE + i] = noise_found[i];
    }
    for (size_t i = 0; i < RESULT_ERRORS_WORDS; i++) {
        words[RESULT_ERRORS_FORCED + i] = errors_forced[i];
        words[RESULT_ERRORS_COUNTED + i] = errors_counted[i];
    }
    for (size_t i = 0; i < OVERRUN_DIRECTIONS; i++) {
        words[RESULT_OVERRUN + i] = overrun_cycles[i];
    }
    words[RESULT_BLOCKS_COUNTED] = blocks_at_count;
}
