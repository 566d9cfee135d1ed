#include "cabinet_two_levels.h"

#include "chain_cabinet.h"
#include "partitioned.h"

#define HEAD_GROUPS (CABINET_HEAD_FRAMES / BINS_OF_GROUP)
#define TAIL_GROUPS (CABINET_TAIL_FRAMES / BINS_OF_GROUP)
#define TURNS (CABINET_TAIL_FRAMES / CABINET_HEAD_FRAMES)

static struct bins head_heard[HEAD_GROUPS * CABINET_HEAD_PARTS] CABINET_HEARD_PLACE;
static struct bins tail_heard[TAIL_GROUPS * CABINET_TAIL_PARTS] CABINET_HEARD_PLACE;
static float head_overlap[CABINET_HEAD_FRAMES];
static float tail_overlap[CABINET_TAIL_FRAMES];
static const struct skew_transform head_transform = { CABINET_HEAD_FRAMES, cabinet_head_first,
                                                      cabinet_head_middle };
static const struct skew_transform tail_transform = { CABINET_TAIL_FRAMES, cabinet_tail_first,
                                                      cabinet_tail_middle };
static struct partitioned head = { .transform = &head_transform,
                                   .response = cabinet_response_0_head,
                                   .heard = head_heard,
                                   .overlap = head_overlap,
                                   .parts = CABINET_HEAD_PARTS };
static struct partitioned tail = { .transform = &tail_transform,
                                   .response = cabinet_response_0_tail,
                                   .heard = tail_heard,
                                   .overlap = tail_overlap,
                                   .parts = CABINET_TAIL_PARTS };

static const struct bins *next_tail = cabinet_response_0_tail; /* from its next part on */
static struct bins tail_answer[TAIL_GROUPS];
static float collected[CABINET_TAIL_FRAMES]; /* for the tail's next part */
static float ready[CABINET_TAIL_FRAMES];     /* the tail's last answer */
static size_t turn;                          /* of TURNS */

void cabinet_two_levels_use(size_t number)
{
    head.response = cabinet_responses[number].head;
    next_tail = cabinet_responses[number].tail;
}

void cabinet_two_levels_reset(void)
{
    partitioned_reset(&head);
    partitioned_reset(&tail);
    for (size_t i = 0; i < CABINET_TAIL_FRAMES; i++) {
        collected[i] = 0.0f;
        ready[i] = 0.0f;
    }
    turn = 0;
}

static void play_head(float *samples)
{
    struct bins answer[HEAD_GROUPS];

    partitioned_hear(&head, samples);
    partitioned_multiply(&head, answer, 0, HEAD_GROUPS);
    partitioned_sound(&head, answer, samples);
}

static void collect(const float *samples)
{
    float *to = &collected[turn * CABINET_HEAD_FRAMES];

    for (size_t i = 0; i < CABINET_HEAD_FRAMES; i++) {
        to[i] = samples[i];
    }
}

static void add_tail(float *samples)
{
    const float *from = &ready[turn * CABINET_HEAD_FRAMES];

    for (size_t i = 0; i < CABINET_HEAD_FRAMES; i++) {
        samples[i] = samples[i] + from[i];
    }
}

static void play(float *samples)
{
    if (turn == 0u) {
        tail.response = next_tail;
        partitioned_hear(&tail, collected);
    }
    collect(samples);
    play_head(samples);
    add_tail(samples);
    partitioned_multiply(&tail, tail_answer, cabinet_tail_groups[turn],
                         cabinet_tail_groups[turn + 1u]);
    turn++;
    if (turn == TURNS) {
        partitioned_sound(&tail, tail_answer, ready);
        turn = 0;
    }
}

void cabinet_two_levels_process(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += CABINET_HEAD_FRAMES) {
        play(&samples[i]);
    }
}
