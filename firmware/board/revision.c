/*
 * A strap ties a pin to ground; the first that does, tells the revision. The last has none.
 */
#include "revision.h"

#include <stddef.h>

#include "chip/delay.h"
#include "chip/pins.h"

#ifdef BOARD_HAS_STRAPS

#define PULL_UP_MS 1u /* for the pull-ups to lift the lines */

struct strap {
    char port;
    unsigned number;
    enum board_revision revision;
};

#define NO_STRAP_PORT '\0'
#define NO_STRAP_PIN 0u
#define STRAP(name, strap, codec, receiver, words) { strap##_PORT, strap##_PIN, BOARD_##name },

static const struct strap straps[BOARD_REVISION_COUNT] = { BOARD_REVISIONS(STRAP) };

enum board_revision board_revision(void)
{
    const size_t last = (size_t)BOARD_REVISION_COUNT - 1u;
    size_t found = 0;

    for (size_t i = 0; i < last; i++) {
        const struct pin pin = {
            .port = straps[i].port, .number = straps[i].number, .pull = PIN_PULL_UP,
        };
        pin_init(&pin);
    }
    delay_ms(PULL_UP_MS);
    while (found < last && pin_read(straps[found].port, straps[found].number)) {
        found++;
    }
    return straps[found].revision;
}

#else

#define ONLY(name, strap, codec, receiver, words) BOARD_##name

enum board_revision board_revision(void)
{
    return BOARD_REVISIONS(ONLY);
}

#endif
