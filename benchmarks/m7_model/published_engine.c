/*
 * A stand-in for the best published A2-Lite engine, for checking the cycle model against a board.
 *
 * Written from the description of that engine, not from its source: layer by layer over blocks,
 * mirrored delay lines without wrap tests, one pass over the block per pair of taps with the
 * weights in local variables, sums seeded from the bias, LeakyReLU as a maximum. The multiply and
 * add expressions are left to the compiler to fuse, as that engine does. Weights are noise: the
 * cycles do not depend on them.
 */
#include <stddef.h>

enum { CHANNELS = 3, LAYERS = 23, HEAD_TAPS = 16, BLOCK = 48, PER_TAP = CHANNELS * CHANNELS };
enum { HISTORY_FLOATS = 28000, WEIGHT_FLOATS = 1871 };

#ifndef LEAKY
#define LEAKY 0
#endif

typedef struct {
    float *frames; /* period frames, then a copy of the first BLOCK of them */
    int period;
    int write;
} delay_line;

typedef struct {
    const float *taps;
    const float *bias;
    const float *mixin;
    const float *mix;
    const float *mix_bias;
    int kernel;
    int dilation;
    delay_line history;
} layer;

static const int KERNELS[LAYERS] = {6, 6, 6, 6, 6, 6, 6, 6,  6,  6, 6, 6,
                                    6, 6, 15, 15, 6, 6, 6, 6, 6, 6, 6};
static const int DILATIONS[LAYERS] = {1,  3,   7,   17, 41, 101, 239, 1,  3,  7,   17, 41,
                                      101, 239, 1, 13, 1, 3,   7,   17, 41, 101, 239};

/* 0.2 and slowly growing, in flash; set from outside before the first block. */
__attribute__((section(".weights"))) const float weights[WEIGHT_FLOATS];

static layer layers[LAYERS];
static delay_line head_history;
static float histories[HISTORY_FLOATS];
static float residual[BLOCK * CHANNELS];
static float skip[BLOCK * CHANNELS];
static float sums[BLOCK * CHANNELS];

float engine_input[BLOCK];
float engine_output[BLOCK];

static float leaky(float x)
{
#if LEAKY == 0
    const float small = 0.01f * x;
    return __builtin_fmaxf(x, small);
#else
    return x >= 0.0f ? x : 0.01f * x;
#endif
}

static const float *window(const delay_line *line, int start, int back)
{
    int index = start - back;
    if (index < 0) {
        index += line->period;
    }
    return &line->frames[index * CHANNELS];
}

static void copy_frames(float *to, const float *from, int frames)
{
    for (int i = 0; i < frames * CHANNELS; i++) {
        to[i] = from[i];
    }
}

static int push(delay_line *line, const float *frames, int count)
{
    const int start = line->write;
    const int room = line->period - start;
    const int first = count < room ? count : room;
    copy_frames(&line->frames[start * CHANNELS], frames, first);
    if (start < BLOCK) {
        const int mirrored = BLOCK - start < first ? BLOCK - start : first;
        copy_frames(&line->frames[(line->period + start) * CHANNELS], frames, mirrored);
    }
    if (first < count) {
        const float *rest = frames + first * CHANNELS;
        copy_frames(line->frames, rest, count - first);
        copy_frames(&line->frames[line->period * CHANNELS], rest, count - first);
    }
    line->write = first < count ? count - first : start + first;
    if (line->write == line->period) {
        line->write = 0;
    }
    return start;
}

/* One pass over the block for `taps` (1 or 2) neighbouring taps; seeded, or on top of the sums. */
#define PASS(name, TAPS, SEED)                                                                   \
    static void name(float *out, const float *seed, const float *w_in, const float *history,     \
                     int stride, int count)                                                      \
    {                                                                                            \
        float w[TAPS * PER_TAP];                                                                 \
        for (int i = 0; i < TAPS * PER_TAP; i++) {                                               \
            w[i] = w_in[i];                                                                      \
        }                                                                                        \
        const float s0 = SEED ? seed[0] : 0.0f;                                                  \
        const float s1 = SEED ? seed[1] : 0.0f;                                                  \
        const float s2 = SEED ? seed[2] : 0.0f;                                                  \
        for (int t = 0; t < count; t++, out += CHANNELS, history += CHANNELS) {                  \
            float a0 = SEED ? s0 : out[0];                                                       \
            float a1 = SEED ? s1 : out[1];                                                       \
            float a2 = SEED ? s2 : out[2];                                                       \
            for (int tap = 0; tap < TAPS; tap++) {                                               \
                const float *h = history + tap * stride;                                         \
                const float *v = w + tap * PER_TAP;                                              \
                const float h0 = h[0];                                                           \
                const float h1 = h[1];                                                           \
                const float h2 = h[2];                                                           \
                a0 += v[0] * h0;                                                                 \
                a0 += v[3] * h1;                                                                 \
                a0 += v[6] * h2;                                                                 \
                a1 += v[1] * h0;                                                                 \
                a1 += v[4] * h1;                                                                 \
                a1 += v[7] * h2;                                                                 \
                a2 += v[2] * h0;                                                                 \
                a2 += v[5] * h1;                                                                 \
                a2 += v[8] * h2;                                                                 \
            }                                                                                    \
            out[0] = a0;                                                                         \
            out[1] = a1;                                                                         \
            out[2] = a2;                                                                         \
        }                                                                                        \
    }

PASS(first_taps, 2, 1)
PASS(two_taps, 2, 0)
PASS(one_tap, 1, 0)

static void finish_layer(const layer *l, const float *condition, int count)
{
    const float c0 = l->mixin[0];
    const float c1 = l->mixin[1];
    const float c2 = l->mixin[2];
    const float b0 = l->mix_bias[0];
    const float b1 = l->mix_bias[1];
    const float b2 = l->mix_bias[2];
    float m[PER_TAP];
    for (int i = 0; i < PER_TAP; i++) {
        m[i] = l->mix[i];
    }
    float *a = sums;
    float *x = residual;
    float *s = skip;
    for (int t = 0; t < count; t++, a += CHANNELS, x += CHANNELS, s += CHANNELS) {
        const float a0 = leaky(a[0] + c0 * condition[t]);
        const float a1 = leaky(a[1] + c1 * condition[t]);
        const float a2 = leaky(a[2] + c2 * condition[t]);
        s[0] += a0;
        s[1] += a1;
        s[2] += a2;
        x[0] += b0 + m[0] * a0 + m[1] * a1 + m[2] * a2;
        x[1] += b1 + m[3] * a0 + m[4] * a1 + m[5] * a2;
        x[2] += b2 + m[6] * a0 + m[7] * a1 + m[8] * a2;
    }
}

/* Not inlined, so that a profile shows each layer as one call. */
__attribute__((noinline)) static void process_layer(layer *l, const float *condition, int count)
{
    const int start = push(&l->history, residual, count);
    const int stride = l->dilation * CHANNELS;
    int tap = 0;
    first_taps(sums, l->bias, l->taps,
               window(&l->history, start, (l->kernel - 1) * l->dilation), stride, count);
    for (tap = 2; tap + 2 <= l->kernel; tap += 2) {
        two_taps(sums, NULL, l->taps + tap * PER_TAP,
                 window(&l->history, start, (l->kernel - 1 - tap) * l->dilation), stride, count);
    }
    if (tap < l->kernel) {
        one_tap(sums, NULL, l->taps + tap * PER_TAP,
                window(&l->history, start, (l->kernel - 1 - tap) * l->dilation), stride, count);
    }
    finish_layer(l, condition, count);
}

__attribute__((noinline)) static void process_head(const float *w, float *output, int count)
{
    const int start = push(&head_history, skip, count);
    for (int t = 0; t < count; t++) {
        output[t] = w[HEAD_TAPS * CHANNELS];
    }
    for (int tap = 0; tap < HEAD_TAPS; tap++) {
        const float w0 = w[tap * CHANNELS];
        const float w1 = w[tap * CHANNELS + 1];
        const float w2 = w[tap * CHANNELS + 2];
        const float *h = window(&head_history, start, HEAD_TAPS - 1 - tap);
        for (int t = 0; t < count; t++, h += CHANNELS) {
            float o = output[t];
            o += w0 * h[0];
            o += w1 * h[1];
            o += w2 * h[2];
            output[t] = o;
        }
    }
    const float scale = w[HEAD_TAPS * CHANNELS + 1];
    for (int t = 0; t < count; t++) {
        output[t] *= scale;
    }
}

static const float *head_weights;

static float *place(delay_line *line, float *free_frames, int context)
{
    line->frames = free_frames;
    line->period = context + BLOCK;
    line->write = 0;
    return free_frames + (size_t)(line->period + BLOCK) * CHANNELS;
}

void engine_reset(void)
{
    const float *w = weights + CHANNELS;
    float *free_frames = histories;
    for (int i = 0; i < LAYERS; i++) {
        layer *l = &layers[i];
        l->kernel = KERNELS[i];
        l->dilation = DILATIONS[i];
        l->taps = w;
        l->bias = l->taps + l->kernel * PER_TAP;
        l->mixin = l->bias + CHANNELS;
        l->mix = l->mixin + CHANNELS;
        l->mix_bias = l->mix + PER_TAP;
        w = l->mix_bias + CHANNELS;
        free_frames = place(&l->history, free_frames, (l->kernel - 1) * l->dilation);
    }
    (void)place(&head_history, free_frames, HEAD_TAPS - 1);
    head_weights = w;
}

void engine_process(int count)
{
    for (int t = 0; t < count; t++) {
        for (int c = 0; c < CHANNELS; c++) {
            residual[t * CHANNELS + c] = weights[c] * engine_input[t];
        }
    }
    for (int i = 0; i < count * CHANNELS; i++) {
        skip[i] = 0.0f;
    }
    for (int i = 0; i < LAYERS; i++) {
        process_layer(&layers[i], engine_input, count);
    }
    process_head(head_weights, engine_output, count);
}
