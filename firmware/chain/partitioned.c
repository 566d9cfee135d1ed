#include "partitioned.h"

#include "unrolled.h"

#include "nam_math.h"
#include "nam_platform.h"

static size_t groups_of(const struct partitioned *p)
{
    return p->transform->frames / BINS_OF_GROUP;
}

void partitioned_reset(struct partitioned *p)
{
    const struct bins silence = { { 0.0f, 0.0f, 0.0f, 0.0f }, { 0.0f, 0.0f, 0.0f, 0.0f } };

    for (size_t i = 0; i < groups_of(p) * p->parts; i++) {
        p->heard[i] = silence;
    }
    for (size_t i = 0; i < p->transform->frames; i++) {
        p->overlap[i] = 0.0f;
    }
    p->newest = 0;
}

void partitioned_hear(struct partitioned *p, const float *samples)
{
    p->newest = (p->newest == 0u ? p->parts : p->newest) - 1u;
    skew_forward(p->transform, samples, &p->heard[p->newest], p->parts);
}

/* Loads go in runs of their own, so that two share a cycle; the sums stay in registers. */
NAM_INLINE struct bins bins_load(const struct bins *from)
{
    struct bins b = *from;

    NAM_PIN_4(b.re[0], b.re[1], b.re[2], b.re[3]);
    NAM_PIN_4(b.im[0], b.im[1], b.im[2], b.im[3]);
    return b;
}

NAM_INLINE struct bins add_product(struct bins sum, const struct bins *heard,
                                   const struct bins *response)
{
    const struct bins x = bins_load(heard);
    const struct bins h = bins_load(response);

    UNROLLED
    for (size_t k = 0; k < BINS_OF_GROUP; k++) {
        sum.re[k] = nam_fma(x.re[k], h.re[k], sum.re[k]);
        sum.im[k] = nam_fma(x.re[k], h.im[k], sum.im[k]);
    }
    UNROLLED
    for (size_t k = 0; k < BINS_OF_GROUP; k++) {
        sum.re[k] = nam_fma(-x.im[k], h.im[k], sum.re[k]);
        sum.im[k] = nam_fma(x.im[k], h.re[k], sum.im[k]);
    }
    NAM_PIN_4(sum.re[0], sum.re[1], sum.re[2], sum.re[3]);
    NAM_PIN_4(sum.im[0], sum.im[1], sum.im[2], sum.im[3]);
    return sum;
}

void partitioned_multiply(const struct partitioned *p, struct bins *answer, size_t first,
                          size_t end)
{
    const struct bins nothing = { { 0.0f, 0.0f, 0.0f, 0.0f }, { 0.0f, 0.0f, 0.0f, 0.0f } };

    for (size_t group = first; group < end; group++) {
        const struct bins *ring = &p->heard[group * p->parts];
        const struct bins *response = &p->response[group * p->parts];
        struct bins sum = nothing;

        for (const struct bins *x = &ring[p->newest]; x != &ring[p->parts]; x++) {
            sum = add_product(sum, x, response);
            response++;
        }
        for (const struct bins *x = ring; x != &ring[p->newest]; x++) {
            sum = add_product(sum, x, response);
            response++;
        }
        answer[group] = sum;
    }
}

void partitioned_sound(struct partitioned *p, const struct bins *answer, float *samples)
{
    skew_backward(p->transform, answer, samples, p->overlap);
}
