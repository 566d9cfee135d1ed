#include "encoder.h"

#define QUARTERS 4u
#define BACK 3u /* one quarter, the other way round */
#define HALF_A_DETENT 2

/* Clockwise: none, B, both, A. */
static uint32_t quarter_of(const struct encoder_part *part, uint32_t closed)
{
    const uint32_t a = (closed & part->a) != 0u ? 1u : 0u;
    const uint32_t b = (closed & part->b) != 0u ? 1u : 0u;

    return 2u * a + (a ^ b);
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
