#include "potentiometer.h"

#include "controls_plan.h"
#include "panel_io.h"

#include "nam_math.h"

#define LAST_ROW (CONTROLS_CURVE_ROWS - 1u)
#define PART_OF_ROW (1.0f / (float)CONTROLS_CODES_OF_ROW) /* a power of two: exact */

/* How far above the lower end, without what belongs to the ends. */
static uint32_t travel_of(uint32_t code)
{
    const uint32_t whole = LAST_ROW * CONTROLS_CODES_OF_ROW;
    const uint32_t above = code > CONTROLS_END_CODES ? code - CONTROLS_END_CODES : 0u;

    return above < whole ? above : whole;
}

static float position_of(const float *positions, uint32_t code)
{
    const uint32_t travel = travel_of(code);
    const uint32_t passed = travel / CONTROLS_CODES_OF_ROW; /* a power of two: a shift */
    const uint32_t row = passed < LAST_ROW ? passed : LAST_ROW - 1u;
    const uint32_t beyond = travel - row * CONTROLS_CODES_OF_ROW;
    const float before = positions[row];

    return nam_fma((float)beyond * PART_OF_ROW, positions[row + 1u] - before, before);
}

static uint32_t turned(const struct potentiometer_part *part, uint32_t code)
{
    return part->is_flipped ? PANEL_HIGHEST_CODE - code : code;
}

void potentiometer_begin(struct potentiometer *pot, const struct potentiometer_part *part,
                         uint32_t code)
{
    pot->held = turned(part, code);
    pot->sum = pot->held << CONTROLS_AVERAGE_SHIFT;
    pot->position = position_of(part->positions, pot->held);
}

/* The shorter way that leaves the rope taut; none while it is slack. */
static uint32_t pulled(uint32_t held, uint32_t code)
{
    if (code > held + CONTROLS_SLACK_CODES) {
        return code - CONTROLS_SLACK_CODES;
    }
    return code + CONTROLS_SLACK_CODES < held ? code + CONTROLS_SLACK_CODES : held;
}

bool potentiometer_tick(struct potentiometer *pot, const struct potentiometer_part *part,
                        uint32_t code)
{
    const uint32_t before = nam_bits_of(pot->position);
    uint32_t held;

    pot->sum = pot->sum + turned(part, code) - (pot->sum >> CONTROLS_AVERAGE_SHIFT);
    held = pulled(pot->held, pot->sum >> CONTROLS_AVERAGE_SHIFT);
    if (held != pot->held) {
        pot->held = held;
        pot->position = position_of(part->positions, held);
    }
    return nam_bits_of(pot->position) != before;
}
