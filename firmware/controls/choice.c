#include "choice.h"

void choice_take(struct choice *choice, size_t capture)
{
    if (capture < choice->captures) {
        choice->chosen = capture;
        choice->last[choice->places[capture].bank] = (uint8_t)capture;
    }
}

/* CHOICE_NONE is no capture. */
void choice_bank(struct choice *choice, size_t bank)
{
    choice_take(choice, choice->last[bank]);
}

void choice_move(struct choice *choice, int32_t captures)
{
    const struct choice_place *const place = &choice->places[choice->chosen];

    if (captures > 0) {
        choice_take(choice, place->next);
    } else if (captures < 0) {
        choice_take(choice, place->previous);
    } else {
        /* It stays. */
    }
}
