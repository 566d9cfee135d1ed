#include "skew_transform.h"

#include "chain_plan.h"

#include "nam_math.h"
#include "nam_platform.h"

#define COS_16TH 0.923879532511286756f /* of a turn: pi / 8 */
#define SIN_16TH 0.382683432365089772f
#define COS_8TH 0.707106781186547524f
#define SIN_3RD 0.866025403784438647f

static struct point work[CABINET_MOST_FRAMES];

struct four {
    struct point at[4];
};

NAM_INLINE struct point point_sum(struct point a, struct point b)
{
    const struct point z = { a.re + b.re, a.im + b.im };

    return z;
}

NAM_INLINE struct point point_difference(struct point a, struct point b)
{
    const struct point z = { a.re - b.re, a.im - b.im };

    return z;
}

/* a - i b, and a + i b. */
NAM_INLINE struct point less_quarter(struct point a, struct point b)
{
    const struct point z = { a.re + b.im, a.im - b.re };

    return z;
}

NAM_INLINE struct point plus_quarter(struct point a, struct point b)
{
    const struct point z = { a.re - b.im, a.im + b.re };

    return z;
}

NAM_INLINE struct point turned(struct point z, struct point w)
{
    const struct point product = { nam_fma(-z.im, w.im, z.re * w.re),
                                   nam_fma(z.im, w.re, z.re * w.im) };

    return product;
}

/* By the conjugate. */
NAM_INLINE struct point turned_back(struct point z, struct point w)
{
    const struct point product = { nam_fma(z.im, w.im, z.re * w.re),
                                   nam_fma(z.im, w.re, -z.re * w.im) };

    return product;
}

NAM_INLINE struct four four_forward(struct four z)
{
    const struct point even = point_sum(z.at[0], z.at[2]);
    const struct point odd = point_sum(z.at[1], z.at[3]);
    const struct point first = point_difference(z.at[0], z.at[2]);
    const struct point second = point_difference(z.at[1], z.at[3]);
    const struct four bins = { { point_sum(even, odd), less_quarter(first, second),
                                 point_difference(even, odd), plus_quarter(first, second) } };

    return bins;
}

NAM_INLINE struct four four_backward(struct four z)
{
    const struct four bins = four_forward(z);
    const struct four turned_round = { { bins.at[0], bins.at[3], bins.at[2], bins.at[1] } };

    return turned_round;
}

NAM_INLINE struct four four_load(const struct point *z, size_t distance)
{
    const struct four four = { { z[0], z[distance], z[2u * distance], z[3u * distance] } };

    return four;
}

NAM_INLINE void four_store(struct point *z, size_t distance, struct four four)
{
    z[0] = four.at[0];
    z[distance] = four.at[1];
    z[2u * distance] = four.at[2];
    z[3u * distance] = four.at[3];
}

/*
 * The first stage of four samples a quarter of P apart, turned by none to three sixteenths: what is
 * known to be real, or turned by an eighth, takes fewer operations.
 */
NAM_INLINE struct four four_of_samples(float x0, float x1, float x2, float x3)
{
    const float eighth = x2 * COS_8TH;
    const struct point one = { x1 * COS_16TH, x1 * -SIN_16TH };
    const struct point three = { x3 * SIN_16TH, x3 * -COS_16TH };
    const struct point even = { x0 + eighth, -eighth };
    const struct point first = { x0 - eighth, eighth };
    const struct point odd = point_sum(one, three);
    const struct point second = point_difference(one, three);
    const struct four bins = { { point_sum(even, odd), less_quarter(first, second),
                                 point_difference(even, odd), plus_quarter(first, second) } };

    return bins;
}

static void first_forward(const struct skew_transform *t, const float *samples)
{
    const size_t quarter = t->frames / 4u;
    const struct point *w = t->first;

    for (size_t j = 0; j < quarter; j++) {
        const struct four z = four_of_samples(samples[j], samples[j + quarter],
                                              samples[j + 2u * quarter], samples[j + 3u * quarter]);
        const struct four bins = { { turned(z.at[0], w[0]), turned(z.at[1], w[1]),
                                     turned(z.at[2], w[2]), turned(z.at[3], w[3]) } };

        four_store(&work[j], quarter, bins);
        w += 4;
    }
}

/* Its inverse: samples are the real parts after turning back, the overlap the imaginary ones. */
static void first_backward(const struct skew_transform *t, float *samples, float *overlap)
{
    const size_t quarter = t->frames / 4u;
    const struct point *w = t->first;

    for (size_t j = 0; j < quarter; j++) {
        const struct four z = four_load(&work[j], quarter);
        const struct four bins = { { turned_back(z.at[0], w[0]), turned_back(z.at[1], w[1]),
                                     turned_back(z.at[2], w[2]), turned_back(z.at[3], w[3]) } };
        const struct four x = four_backward(bins);
        float *now = &samples[j];
        float *next = &overlap[j];

        now[0] = next[0] + x.at[0].re;
        next[0] = -x.at[0].im;
        now[quarter] = next[quarter] + nam_fma(-x.at[1].im, SIN_16TH, x.at[1].re * COS_16TH);
        next[quarter] = -nam_fma(x.at[1].im, COS_16TH, x.at[1].re * SIN_16TH);
        now[2u * quarter] = next[2u * quarter] + (x.at[2].re - x.at[2].im) * COS_8TH;
        next[2u * quarter] = -((x.at[2].re + x.at[2].im) * COS_8TH);
        now[3u * quarter] =
            next[3u * quarter] + nam_fma(-x.at[3].im, COS_16TH, x.at[3].re * SIN_16TH);
        next[3u * quarter] = -nam_fma(x.at[3].im, SIN_16TH, x.at[3].re * COS_16TH);
        w += 4;
    }
}

/* ---- one column of the middle stage: points four apart */

#if CABINET_HAS_RADIX_2
NAM_INLINE void two_forward(struct point *z, const struct point *w)
{
    const struct point a = z[0];
    const struct point b = z[4];

    z[0] = point_sum(a, b);
    z[4] = turned(point_difference(a, b), w[0]);
}

NAM_INLINE void two_backward(struct point *z, const struct point *w)
{
    const struct point a = z[0];
    const struct point b = turned_back(z[4], w[0]);

    z[0] = point_sum(a, b);
    z[4] = point_difference(a, b);
}
#endif

#if CABINET_HAS_RADIX_3
/* a - b / 2 */
NAM_INLINE struct point less_half(struct point a, struct point b)
{
    const struct point z = { nam_fma(-0.5f, b.re, a.re), nam_fma(-0.5f, b.im, a.im) };

    return z;
}

/* sqrt(3) / 2 * (a - b) */
NAM_INLINE struct point apart(struct point a, struct point b)
{
    const struct point z = { (a.re - b.re) * SIN_3RD, (a.im - b.im) * SIN_3RD };

    return z;
}

NAM_INLINE void three_forward(struct point *z, const struct point *w)
{
    const struct point a = z[0];
    const struct point both = point_sum(z[4], z[8]);
    const struct point side = apart(z[4], z[8]);
    const struct point middle = less_half(a, both);

    z[0] = point_sum(a, both);
    z[4] = turned(less_quarter(middle, side), w[0]);
    z[8] = turned(plus_quarter(middle, side), w[1]);
}

NAM_INLINE void three_backward(struct point *z, const struct point *w)
{
    const struct point a = z[0];
    const struct point b = turned_back(z[4], w[0]);
    const struct point c = turned_back(z[8], w[1]);
    const struct point both = point_sum(b, c);
    const struct point side = apart(b, c);
    const struct point middle = less_half(a, both);

    z[0] = point_sum(a, both);
    z[4] = plus_quarter(middle, side);
    z[8] = less_quarter(middle, side);
}
#endif

#if CABINET_HAS_RADIX_4
NAM_INLINE void radix4_forward(struct point *z, const struct point *w)
{
    const struct four bins = four_forward(four_load(z, 4u));
    const struct four turned_bins = { { bins.at[0], turned(bins.at[1], w[0]),
                                        turned(bins.at[2], w[1]), turned(bins.at[3], w[2]) } };

    four_store(z, 4u, turned_bins);
}

NAM_INLINE void radix4_backward(struct point *z, const struct point *w)
{
    const struct four bins = four_load(z, 4u);
    const struct four unturned = { { bins.at[0], turned_back(bins.at[1], w[0]),
                                     turned_back(bins.at[2], w[1]),
                                     turned_back(bins.at[3], w[2]) } };

    four_store(z, 4u, four_backward(unturned));
}
#endif

#define FRAMES_OF_RADIX_2 32u /* 4 * 2 * 4, and so on; 4 * 2 and 4 * 4 have no middle stage */
#define FRAMES_OF_RADIX_3 48u
#define FRAMES_OF_RADIX_4 64u

typedef void column(struct point *z, const struct point *w);

/* Every column of the four parts; inlined, so that the column is no call. */
NAM_INLINE void middle_stage(const struct skew_transform *t, column *transform, size_t radix)
{
    struct point *z = work;

    for (size_t part = 0; part < 4u; part++) {
        for (size_t j = 0; j < 4u; j++) {
            transform(&z[j], &t->middle[j * (radix - 1u)]);
        }
        z += 4u * radix;
    }
}

static void middle_forward(const struct skew_transform *t)
{
    switch (t->frames) {
#if CABINET_HAS_RADIX_2
    case FRAMES_OF_RADIX_2:
        middle_stage(t, two_forward, 2u);
        break;
#endif
#if CABINET_HAS_RADIX_3
    case FRAMES_OF_RADIX_3:
        middle_stage(t, three_forward, 3u);
        break;
#endif
#if CABINET_HAS_RADIX_4
    case FRAMES_OF_RADIX_4:
        middle_stage(t, radix4_forward, 4u);
        break;
#endif
    default:
        break;
    }
}

static void middle_backward(const struct skew_transform *t)
{
    switch (t->frames) {
#if CABINET_HAS_RADIX_2
    case FRAMES_OF_RADIX_2:
        middle_stage(t, two_backward, 2u);
        break;
#endif
#if CABINET_HAS_RADIX_3
    case FRAMES_OF_RADIX_3:
        middle_stage(t, three_backward, 3u);
        break;
#endif
#if CABINET_HAS_RADIX_4
    case FRAMES_OF_RADIX_4:
        middle_stage(t, radix4_backward, 4u);
        break;
#endif
    default:
        break;
    }
}

/* ---- the last stage, and the first one back: a group of bins each */

/* Two of two. */
NAM_INLINE struct four pairs(struct four z)
{
    const struct four bins = { { point_sum(z.at[0], z.at[1]),
                                 point_difference(z.at[0], z.at[1]),
                                 point_sum(z.at[2], z.at[3]),
                                 point_difference(z.at[2], z.at[3]) } };

    return bins;
}

NAM_INLINE struct bins bins_of(struct four z)
{
    const struct bins bins = { { z.at[0].re, z.at[1].re, z.at[2].re, z.at[3].re },
                               { z.at[0].im, z.at[1].im, z.at[2].im, z.at[3].im } };

    return bins;
}

NAM_INLINE struct four four_of(const struct bins *b)
{
    const struct four z = { { { b->re[0], b->im[0] },
                              { b->re[1], b->im[1] },
                              { b->re[2], b->im[2] },
                              { b->re[3], b->im[3] } } };

    return z;
}

#define PAIRS_FRAMES 8u /* this transform alone ends in stages of two */

static void last_forward(const struct skew_transform *t, struct bins *groups, size_t distance)
{
    for (size_t i = 0; i < t->frames; i += BINS_OF_GROUP) {
        const struct four z = four_load(&work[i], 1u);

        *groups = bins_of(t->frames == PAIRS_FRAMES ? pairs(z) : four_forward(z));
        groups += distance;
    }
}

static void last_backward(const struct skew_transform *t, const struct bins *groups)
{
    for (size_t i = 0; i < t->frames; i += BINS_OF_GROUP) {
        const struct four z = four_of(groups);

        four_store(&work[i], 1u, t->frames == PAIRS_FRAMES ? pairs(z) : four_backward(z));
        groups++;
    }
}

void skew_forward(const struct skew_transform *t, const float *samples, struct bins *groups,
                  size_t distance)
{
    first_forward(t, samples);
    middle_forward(t);
    last_forward(t, groups, distance);
}

void skew_backward(const struct skew_transform *t, const struct bins *groups, float *samples,
                   float *overlap)
{
    last_backward(t, groups);
    middle_backward(t);
    first_backward(t, samples, overlap);
}
