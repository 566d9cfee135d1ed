/*
 * A strap ties a pin to ground; the first that does, tells the revision.
 */
#include "revision.h"

#include <stddef.h>

#include "chip/delay.h"
#include "chip/pins.h"

#define PULL_UP_MS 1u /* for the pull-ups to lift the lines */

struct strap {
    struct pin pin;
    enum board_revision revision;
};

static const struct strap straps[] = {
    { { .port = 'D', .number = 3, .pull = PIN_PULL_UP }, BOARD_SEED_1_1 },
    { { .port = 'D', .number = 4, .pull = PIN_PULL_UP }, BOARD_SEED2_DFM },
    { { .port = 'D', .number = 5, .pull = PIN_PULL_UP }, BOARD_SEED_1_2 },
    { { .port = 'H', .number = 6, .pull = PIN_PULL_UP }, BOARD_SEED3 },
};

enum board_revision board_revision(void)
{
    for (size_t i = 0; i < sizeof straps / sizeof straps[0]; i++) {
        pin_init(&straps[i].pin);
    }
    delay_ms(PULL_UP_MS);
    for (size_t i = 0; i < sizeof straps / sizeof straps[0]; i++) {
        if (!pin_read(straps[i].pin.port, straps[i].pin.number)) {
            return straps[i].revision;
        }
    }
    return BOARD_SEED_REV4;
}
