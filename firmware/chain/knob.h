/*
 * A knob's position, 0 to 1, that follows its target no faster than it may, and tables of what
 * positions mean: rows at equal distances, straight lines between them.
 */
#ifndef KNOB_H
#define KNOB_H

#include <stdbool.h>
#include <stdint.h>

#include "chain_plan.h"

#include "nam_math.h"
#include "nam_platform.h"

struct knob {
    float position;
    float target;
};

/* A place between two rows of a table. */
struct place {
    int32_t row; /* the one before */
    float fraction;
};

/* What is no position becomes the nearest; NaN becomes 0. */
NAM_INLINE float knob_position(float position)
{
    return nam_min(nam_max(position, 0.0f), 1.0f);
}

NAM_INLINE void knob_turn(struct knob *knob, float position)
{
    knob->target = knob_position(position);
}

/* At once: for the start. */
NAM_INLINE void knob_jump(struct knob *knob)
{
    knob->position = knob->target;
}

/* By their bits: to compare floats, a Cortex-M7 waits for all that its float unit has begun. */
NAM_INLINE bool knob_moves(const struct knob *knob)
{
    return nam_bits_of(knob->position) != nam_bits_of(knob->target);
}

/* One step towards the target; it is reached for good once it is near. */
NAM_INLINE void knob_follow(struct knob *knob)
{
    const float way = knob->target - knob->position;

    knob->position += nam_max(nam_min(way, KNOB_TRAVEL_PER_STEP), -KNOB_TRAVEL_PER_STEP);
}

NAM_INLINE struct place place_of(float position, int32_t rows)
{
    const int32_t last = rows - 1;
    const float exact = position * (float)last;
    const int32_t before = (int32_t)exact;
    const int32_t row = before < last ? before : last - 1;
    const struct place found = { row, exact - (float)row };

    return found;
}

NAM_INLINE float between(float before, float after, float fraction)
{
    return nam_fma(fraction, after - before, before);
}

NAM_INLINE float table_value(const float *table, int32_t rows, float position)
{
    const struct place place = place_of(position, rows);

    return between(table[place.row], table[place.row + 1], place.fraction);
}

#endif
