/*
 * Convolution by parts: a response in parts of P frames, each with its spectrum, meets the spectra
 * of the last parts of sound. One part of sound in, one out, the same work every time.
 */
#ifndef PARTITIONED_H
#define PARTITIONED_H

#include <stddef.h>

#include "skew_transform.h"

struct partitioned {
    const struct skew_transform *transform;
    const struct bins *response; /* [groups][parts], the part that is heard first first */
    struct bins *heard;          /* [groups][parts], a ring */
    float *overlap;              /* [P] */
    size_t parts;
    size_t newest; /* in the ring; older ones follow */
};

void partitioned_reset(struct partitioned *p);
/* The next part of sound. */
void partitioned_hear(struct partitioned *p, const float *samples);
/* Some groups of the answer, from the newest part of sound to the oldest. */
void partitioned_multiply(const struct partitioned *p, struct bins *answer, size_t first,
                          size_t end);
/* The answer as sound, when all its groups are there. */
void partitioned_sound(struct partitioned *p, const struct bins *answer, float *samples);

#endif
