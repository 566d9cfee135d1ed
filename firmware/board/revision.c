/*
 * A strap ties a pin to ground; the first that does, tells the revision.
 */
#include "revision.h"

#include <stddef.h>

#include "board_wiring.h"
#include "chip/delay.h"
#include "chip/pins.h"

#define PULL_UP_MS 1u /* for the pull-ups to lift the lines */

struct strap {
    struct pin pin;
    enum board_revision revision;
};

#define STRAP(name, told) \
    { { .port = name##_PORT, .number = name##_PIN, .pull = PIN_PULL_UP }, (told) },

static const struct strap straps[] = { BOARD_STRAPS(STRAP) };

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
