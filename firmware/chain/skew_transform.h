/*
 * A Fourier transform for convolution by parts: of P real samples, P complex bins.
 *
 * Sample n is turned by -n quarter turns / P first (a "right-angle", or skew-circular, transform):
 * of two such spectra the product, transformed back and turned back, is the convolution, with what
 * reaches beyond P samples as the negative imaginary part. So there is neither padding nor a
 * bin of its own for zero or for half the rate.
 *
 * P is 4 * 2, 4 * 4, or 4 * M * 4 with M of 2, 3 or 4. Decimation is in frequency forwards and in
 * time backwards, so bins stay in the order in which they come, four to a group.
 */
#ifndef SKEW_TRANSFORM_H
#define SKEW_TRANSFORM_H

#include <stddef.h>

#define BINS_OF_GROUP 4u

struct point {
    float re;
    float im;
};

struct bins {
    float re[BINS_OF_GROUP];
    float im[BINS_OF_GROUP];
};

struct skew_transform {
    size_t frames;              /* P */
    const struct point *first;  /* [P / 4][4], twiddles of the first stage */
    const struct point *middle; /* [4][M - 1], of the middle stage, where there is one */
};

/* Group g of the spectrum goes to groups[g * distance]. */
void skew_forward(const struct skew_transform *t, const float *samples, struct bins *groups,
                  size_t distance);
/* The overlap is added to the samples and replaced by the next one; 1 / P is in the spectra. */
void skew_backward(const struct skew_transform *t, const struct bins *groups, float *samples,
                   float *overlap);

#endif
