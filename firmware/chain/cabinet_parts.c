#include "cabinet_parts.h"

#include "chain_cabinet.h"
#include "partitioned.h"

#define GROUPS (CABINET_HEAD_FRAMES / BINS_OF_GROUP)

static struct bins heard[GROUPS * CABINET_HEAD_PARTS] CABINET_HEARD_PLACE;
static float overlap[CABINET_HEAD_FRAMES];
static const struct skew_transform transform = { CABINET_HEAD_FRAMES, cabinet_head_first,
                                                 cabinet_head_middle };
static struct partitioned parts = { .transform = &transform,
                                    .response = cabinet_response_0_head,
                                    .heard = heard,
                                    .overlap = overlap,
                                    .parts = CABINET_HEAD_PARTS };

void cabinet_parts_use(size_t number)
{
    parts.response = cabinet_responses[number].head;
}

void cabinet_parts_reset(void)
{
    partitioned_reset(&parts);
}

void cabinet_parts_process(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += CABINET_HEAD_FRAMES) {
        struct bins answer[GROUPS];

        partitioned_hear(&parts, &samples[i]);
        partitioned_multiply(&parts, answer, 0, GROUPS);
        partitioned_sound(&parts, answer, &samples[i]);
    }
}
