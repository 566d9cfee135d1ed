#include "encoder.h"

/* Clockwise: none of the two is closed, B, both, A. */
#define ONLY_B 1u
#define BOTH 2u
#define ONLY_A 3u
#define QUARTERS 4u
#define BACK 3u /* one quarter, the other way round */
#define HALF_A_DETENT 2

static uint32_t quarter_of(const struct encoder_part *part, uint32_t closed)
{
    const uint32_t own = closed & (part->a | part->b);

    if (own == 0u) {
        return 0u;
    }
    if (own == part->a) {
        return ONLY_A;
    }
    return own == part->b ? ONLY_B : BOTH;
}

void encoder_begin(struct encoder *encoder, const struct encoder_part *part, uint32_t closed)
{
    encoder->quarter = quarter_of(part, closed);
    encoder->way = 0;
    encoder->direction = 1;
}

static void turn(struct encoder *encoder, uint32_t quarters)
{
    int32_t passed = 1;

    if (quarters == BACK) {
        encoder->direction = -1;
    } else if (quarters == 1u) {
        encoder->direction = 1;
    } else {
        passed = 2;
    }
    encoder->way += passed * encoder->direction;
}

int32_t encoder_tick(struct encoder *encoder, const struct encoder_part *part, uint32_t closed)
{
    const uint32_t now = quarter_of(part, closed);
    const uint32_t quarters = (now + QUARTERS - encoder->quarter) % QUARTERS;
    int32_t detents = 0;

    if (quarters == 0u) {
        return 0;
    }
    encoder->quarter = now;
    turn(encoder, quarters);
    if (now == 0u) {
        if (encoder->way >= HALF_A_DETENT) {
            detents = 1;
        } else if (encoder->way <= -HALF_A_DETENT) {
            detents = -1;
        } else {
            /* There and back. */
        }
        encoder->way = 0;
    }
    return detents;
}
