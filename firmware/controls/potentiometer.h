/*
 * From the voltage of a potentiometer to where its knob stands, 0 to 1.
 *
 * The code is averaged; the position follows it like a cart that is pulled at a slack rope of
 * CONTROLS_SLACK_CODES: noise does not shake it, and no step is lost when somebody turns. Codes
 * within CONTROLS_END_CODES of an end are the end. What the part's curve does to the voltage is
 * undone by a table: rows at equal distances, straight lines between them.
 */
#ifndef POTENTIOMETER_H
#define POTENTIOMETER_H

#include <stdbool.h>
#include <stdint.h>

struct potentiometer_part {
    const float *positions; /* [CONTROLS_CURVE_ROWS], what its voltage means */
    bool is_flipped;        /* the highest voltage is where others have none */
};

struct potentiometer {
    uint32_t sum;  /* of codes, 2^CONTROLS_AVERAGE_SHIFT times the average */
    uint32_t held; /* the code at the other end of the rope */
    float position;
};

/* Where it stands now. */
void potentiometer_begin(struct potentiometer *pot, const struct potentiometer_part *part,
                         uint32_t code);
/* Whether it stands elsewhere. */
bool potentiometer_tick(struct potentiometer *pot, const struct potentiometer_part *part,
                        uint32_t code);

#endif
