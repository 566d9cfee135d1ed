#include "equaliser.h"

#include "chain_plan.h"
#include "knob.h"
#include "step.h"

struct state {
    float s1;
    float s2;
};

struct shelf {
    float a11;
    float b1;
    float b2;
    float direct; /* of x */
    float first;  /* of s1 */
    float second; /* of s2 */
};

struct bell {
    float a11;
    float b1;
    float b2;
    float band; /* of s1 + s1' */
};

static struct equaliser_parts {
    struct knob bass_knob;
    struct knob middle_knob;
    struct knob treble_knob;
    struct shelf bass;
    struct bell middle;
    struct shelf treble;
    struct state bass_state;
    struct state middle_state;
    struct state treble_state;
} equaliser = { .bass_knob = { EQUALISER_FLAT, EQUALISER_FLAT },
                .middle_knob = { EQUALISER_FLAT, EQUALISER_FLAT },
                .treble_knob = { EQUALISER_FLAT, EQUALISER_FLAT } };

/*
 * Rows go from the deepest cut to flat, and from flat to the highest boost: the bell of the plug-in
 * is narrower when it cuts, so flat stands there twice.
 */
NAM_INLINE struct place row_of(const struct knob *knob)
{
    struct place place = place_of(knob->position, EQUALISER_POSITIONS);

    if (place.row >= EQUALISER_POSITIONS / 2) {
        place.row++;
    }
    return place;
}

NAM_INLINE struct shelf shelf_at(const float rows[][EQUALISER_SHELF_COLUMNS],
                                 const struct knob *knob)
{
    const struct place place = row_of(knob);
    const float *before = rows[place.row];
    const float *after = rows[place.row + 1];
    const struct shelf shelf = { between(before[0], after[0], place.fraction),
                                 between(before[1], after[1], place.fraction),
                                 between(before[2], after[2], place.fraction),
                                 between(before[3], after[3], place.fraction),
                                 between(before[4], after[4], place.fraction),
                                 between(before[5], after[5], place.fraction) };

    return shelf;
}

NAM_INLINE struct bell bell_at(const float rows[][EQUALISER_BELL_COLUMNS], const struct knob *knob)
{
    const struct place place = row_of(knob);
    const float *before = rows[place.row];
    const float *after = rows[place.row + 1];
    const struct bell bell = { between(before[0], after[0], place.fraction),
                               between(before[1], after[1], place.fraction),
                               between(before[2], after[2], place.fraction),
                               between(before[3], after[3], place.fraction) };

    return bell;
}

static void turn_knobs(void)
{
    const struct shelf bass = shelf_at(equaliser_bass, &equaliser.bass_knob);
    const struct bell middle = bell_at(equaliser_middle, &equaliser.middle_knob);
    const struct shelf treble = shelf_at(equaliser_treble, &equaliser.treble_knob);

    equaliser.bass = bass;
    equaliser.middle = middle;
    equaliser.treble = treble;
}

void equaliser_set_bass(float position)
{
    knob_turn(&equaliser.bass_knob, position);
}

void equaliser_set_middle(float position)
{
    knob_turn(&equaliser.middle_knob, position);
}

void equaliser_set_treble(float position)
{
    knob_turn(&equaliser.treble_knob, position);
}

void equaliser_reset(void)
{
    const struct state silent = { 0.0f, 0.0f };

    knob_jump(&equaliser.bass_knob);
    knob_jump(&equaliser.middle_knob);
    knob_jump(&equaliser.treble_knob);
    turn_knobs();
    equaliser.bass_state = silent;
    equaliser.middle_state = silent;
    equaliser.treble_state = silent;
}

/* All three, so that they do not wait for each other. */
static void follow_knobs(void)
{
    if (knob_moves(&equaliser.bass_knob) || knob_moves(&equaliser.middle_knob) ||
        knob_moves(&equaliser.treble_knob)) {
        knob_follow(&equaliser.bass_knob);
        knob_follow(&equaliser.middle_knob);
        knob_follow(&equaliser.treble_knob);
        turn_knobs();
    }
}

/* a - b as a multiply-add: on a Cortex-M7 a subtraction waits for the multiply-adds before it. */
NAM_INLINE float minus(float a, float b, float minus_one)
{
    return nam_fma(minus_one, b, a);
}

NAM_INLINE float shelve(const struct shelf *f, struct state *s, float x, float minus_one)
{
    const float e = minus(x, s->s2, minus_one);
    const float y = nam_fma(f->second, s->s2, nam_fma(f->first, s->s1, f->direct * x));
    const float s2 = nam_fma(f->b2, e, nam_fma(f->b1, s->s1, s->s2));

    s->s1 = nam_fma(f->b1, e, nam_fma(f->a11, s->s1, s->s1));
    s->s2 = s2;
    return y;
}

NAM_INLINE float ring(const struct bell *f, struct state *s, float x, float minus_one)
{
    const float e = minus(x, s->s2, minus_one);
    const float half = nam_fma(f->band, s->s1, x);
    const float s2 = nam_fma(f->b2, e, nam_fma(f->b1, s->s1, s->s2));

    s->s1 = nam_fma(f->b1, e, nam_fma(f->a11, s->s1, s->s1));
    s->s2 = s2;
    return nam_fma(f->band, s->s1, half);
}

/*
 * One step. The three filters work on three neighbouring frames at a time: none of them waits for
 * what another is just computing.
 */
static void filter(float *samples)
{
    const struct shelf low = equaliser.bass;
    const struct bell mid = equaliser.middle;
    const struct shelf high = equaliser.treble;
    struct state bass = equaliser.bass_state;
    struct state middle = equaliser.middle_state;
    struct state treble = equaliser.treble_state;
    float minus_one = -1.0f;

    NAM_PIN_1(minus_one); /* or the compiler would subtract after all */

    float from_bass = shelve(&low, &bass, samples[0], minus_one);
    float from_middle = ring(&mid, &middle, from_bass, minus_one);

    from_bass = shelve(&low, &bass, samples[1], minus_one);
    UNROLLED
    for (size_t k = 2; k < STEP_FRAMES; k++) {
        samples[k - 2u] = shelve(&high, &treble, from_middle, minus_one);
        from_middle = ring(&mid, &middle, from_bass, minus_one);
        from_bass = shelve(&low, &bass, samples[k], minus_one);
    }
    samples[STEP_FRAMES - 2u] = shelve(&high, &treble, from_middle, minus_one);
    from_middle = ring(&mid, &middle, from_bass, minus_one);
    samples[STEP_FRAMES - 1u] = shelve(&high, &treble, from_middle, minus_one);
    equaliser.bass_state = bass;
    equaliser.middle_state = middle;
    equaliser.treble_state = treble;
}

void equaliser_process(float *samples, size_t frames)
{
    for (size_t i = 0; i < frames; i += STEP_FRAMES) {
        follow_knobs();
        filter(&samples[i]);
    }
}
